package template_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/local/template"
)

// small is a template with one of everything.
const small = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Endpoint: {Type: String, Default: ""}
  Memory: {Type: Number, Default: 256}
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    MemorySize: !Ref Memory
    Timeout: 10
    Environment:
      Variables:
        ENDPOINT: !Ref Endpoint
        TABLE: !Ref Table
        STREET: main
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth:
        DefaultAuthorizer: Keys
        Authorizers:
          Keys:
            FunctionArn: !GetAtt Guard.Arn
            FunctionPayloadType: REQUEST
            Identity: {ReauthorizeEvery: 0}
      GatewayResponses:
        UNAUTHORIZED:
          StatusCode: 401
          ResponseParameters:
            Headers: {WWW-Authenticate: "'Bearer'"}
          ResponseTemplates: {application/json: '{"no":1}'}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: other, AttributeType: N}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
      GlobalSecondaryIndexes:
        - IndexName: byOther
          KeySchema: [{AttributeName: other, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: expiresAt, Enabled: true}
  Pepper:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString: {SecretStringTemplate: "{}", GenerateStringKey: seed, PasswordLength: 64}
  Guard:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: guard}
  ThingGet:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: thing/get
      Timeout: 5
      Environment:
        Variables:
          STREET: side
          ARN: {"Fn::Sub": ["${Table.Arn}/${Which}-${Memory}-${!Kept}", {Which: !Ref Pepper}]}
          LONG: {"Fn::GetAtt": [Table, Arn]}
          ZONE: {Ref: "AWS::Region"}
      Events:
        Http:
          Type: Api
          Properties: {RestApiId: !Ref Api, Method: get, Path: "/things/{id}"}
        Open:
          Type: Api
          Properties: {RestApiId: !Ref Api, Method: GET, Path: /open, Auth: {Authorizer: NONE}}
`

func TestParse(t *testing.T) {
	got, err := template.Parse([]byte(small), map[string]string{"Endpoint": "http://there"})
	if err != nil {
		t.Fatal(err)
	}
	index := template.Index{Name: "byOther", Key: []template.KeyPart{{Attribute: "other", Type: "HASH"}}}
	index.Projection.Type = "KEYS_ONLY"
	want := &template.Template{
		API: template.API{
			ID: "Api", Stage: "live",
			Responses: map[string]template.Response{
				"UNAUTHORIZED": {Status: 401, Headers: map[string]string{"WWW-Authenticate": "'Bearer'"}, Body: `{"no":1}`},
			},
		},
		Tables: []template.Table{{
			Name:       "Table",
			Attributes: []template.Attribute{{Name: "pk", Type: "S"}, {Name: "other", Type: "N"}},
			Key:        []template.KeyPart{{Attribute: "pk", Type: "HASH"}},
			Indexes:    []template.Index{index},
			Stream:     "NEW_IMAGE",
			TTL:        "expiresAt",
		}},
		Secrets: []template.Secret{{Name: "Pepper", Generate: &template.Generate{Template: "{}", Key: "seed", Length: 64}}},
		Functions: []template.Function{
			{
				ID: "Guard", CodeURI: "guard", Handler: "bootstrap", MemorySize: 256, Timeout: 10 * time.Second,
				Environment: map[string]string{"ENDPOINT": "http://there", "TABLE": "Table", "STREET": "main"},
			},
			{
				ID: "ThingGet", CodeURI: "thing/get", Handler: "bootstrap", MemorySize: 256, Timeout: 5 * time.Second,
				Environment: map[string]string{
					"ENDPOINT": "http://there", "TABLE": "Table", "STREET": "side",
					"ARN":  "arn:aws:dynamodb:us-east-1:000000000000:table/Table/Pepper-256-${Kept}",
					"LONG": "arn:aws:dynamodb:us-east-1:000000000000:table/Table",
					"ZONE": "us-east-1",
				},
				Routes: []template.Route{
					{Method: "GET", Path: "/things/{id}", Authorizer: "Guard"},
					{Method: "GET", Path: "/open"},
				},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestParseRefuses changes one place of the small template at a time.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           []string // parts of the error
	}{
		{"a route with an unknown authorizer", "Auth: {Authorizer: NONE}", "Auth: {Authorizer: Other}", []string{"ThingGet", `authorizer "Other"`}},
		{"a route that has no authorizer and does not say so", "DefaultAuthorizer: Keys", "", []string{"ThingGet", "authorizer"}},
		{"an unknown default authorizer", "DefaultAuthorizer: Keys", "DefaultAuthorizer: AWS_IAM", []string{"Api", "AWS_IAM"}},
		{"an authorizer that is not a function", "!GetAtt Guard.Arn", "!GetAtt Table.Arn", []string{"Api", "Keys"}},
		{"an authorizer that takes a token", "FunctionPayloadType: REQUEST", "FunctionPayloadType: TOKEN", []string{"Api", "TOKEN"}},
		{"an authorizer with a cache", "ReauthorizeEvery: 0", "ReauthorizeEvery: 300", []string{"Api", "ReauthorizeEvery"}},
		{"CORS", "StageName: live", "StageName: live\n      Cors: \"'*'\"", []string{"Api", "Cors is not supported yet"}},
		{"a gateway response of no known type", "UNAUTHORIZED:", "UNAUTHORISED:", []string{"Api", "UNAUTHORISED"}},
		{"a header of a gateway response that it cannot map", `"'Bearer'"`, "method.request.header.Accept", []string{"Api", "UNAUTHORIZED", "WWW-Authenticate"}},
		{"a variable in a gateway response", `{"no":1}`, `{"no":"$context.error.message"}`, []string{"Api", "UNAUTHORIZED"}},
		{"a property of the API that it does not know", "StageName: live", "StageName: live\n      BinaryMediaTypes: [a]", []string{"Api", "BinaryMediaTypes is not supported yet"}},
		{"a property of a function that it does not know", "CodeUri: thing/get", "CodeUri: thing/get\n      Layers: [a]", []string{"ThingGet", "Layers is not supported yet"}},
		{"a property of an event that it does not know", "Path: /open", "Path: /open, RequestModel: {}", []string{"ThingGet", "Open", "RequestModel"}},
		{"a property of a table that it does not know", "BillingMode: PAY_PER_REQUEST", "LocalSecondaryIndexes: []", []string{"Table", "LocalSecondaryIndexes"}},
		{"a type of resource that it does not know", "AWS::SecretsManager::Secret", "AWS::SQS::Queue", []string{"Pepper", "AWS::SQS::Queue is not supported yet"}},
		{"a type of event that it does not know", "Type: Api\n          Properties: {RestApiId: !Ref Api, Method: get", "Type: HttpApi\n          Properties: {RestApiId: !Ref Api, Method: get", []string{"ThingGet", "Http", "HttpApi is not supported yet"}},
		{"a condition on a resource", "Type: AWS::DynamoDB::Table", "Type: AWS::DynamoDB::Table\n    Condition: Prod", []string{"Table", "Condition"}},
		{"a section that it does not know", "Parameters:", "Conditions: {}\nParameters:", []string{"Conditions"}},
		{"a short intrinsic that it does not know", "ENDPOINT: !Ref Endpoint", "ENDPOINT: !ImportValue x", []string{"Function", "line 14", "ImportValue"}},
		{"a long intrinsic that it does not know", "{Ref: \"AWS::Region\"}", "{\"Fn::If\": [a, b, c]}", []string{"ThingGet", "If"}},
		{"a Ref of nothing", "!Ref Endpoint", "!Ref Endpiont", []string{"Endpiont"}},
		{"a GetAtt of an attribute that it does not know", "!GetAtt Guard.Arn", "!GetAtt Guard.Version", []string{"Api", "Version"}},
		{"an unknown variable of a Sub", "${Table.Arn}", "${Tabel.Arn}", []string{"ThingGet", "Tabel"}},
		{"two functions for one route", "Path: /open", "Path: \"/things/{id}\"", []string{"ThingGet", "GET /things/{id}"}},
		{"a key that stands there twice", "STREET: main", "TABLE: main", []string{"TABLE", "twice"}},
		{"a parameter without a value", `Default: ""`, "", []string{"Endpoint"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(small, c.old) {
				t.Fatalf("the small template has no %q", c.old)
			}
			_, err := template.Parse([]byte(strings.Replace(small, c.old, c.new, 1)), nil)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not name %q", err, part)
				}
			}
		})
	}
}

func TestParseRefusesUnknownParameters(t *testing.T) {
	if _, err := template.Parse([]byte(small), map[string]string{"Endpiont": ""}); err == nil {
		t.Error("no error")
	}
}

// The template of the product itself.
func TestLoad(t *testing.T) {
	got, err := template.Load("../../template.yaml", map[string]string{"DynamoDBEndpoint": "http://db"})
	if err != nil {
		t.Fatal(err)
	}
	routes, public := 0, []string{}
	for _, f := range got.Functions {
		if f.Environment["AWS_ENDPOINT_URL_DYNAMODB"] != "http://db" {
			t.Errorf("%s does not get the endpoint", f.ID)
		}
		for _, r := range f.Routes {
			routes++
			if r.Authorizer == "" {
				public = append(public, r.Method+" "+r.Path)
			}
		}
	}
	if routes == 0 || len(got.Tables) == 0 || len(got.Secrets) == 0 || len(got.API.Responses) == 0 {
		t.Errorf("%d routes, %d tables, %d secrets, %d gateway responses", routes, len(got.Tables), len(got.Secrets), len(got.API.Responses))
	}
	if diff := cmp.Diff([]string{"GET /v1/health"}, public); diff != "" {
		t.Errorf("public routes (-want +got):\n%s", diff)
	}
}
