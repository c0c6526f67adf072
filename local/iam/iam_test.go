package iam_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keyslot/local/iam"
	"keyslot/local/template"
)

const table = "arn:aws:dynamodb:us-east-1:000000000000:table/T"

func TestGuard(t *testing.T) {
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	defer emulator.Close()
	guard, err := iam.Guard(emulator.URL, []template.Function{
		{ID: "Get", Policies: []template.Statement{{Actions: []string{"dynamodb:GetItem"}, Resources: []string{table}}}},
		{ID: "List", Policies: []template.Statement{{Actions: []string{"dynamodb:Query"}, Resources: []string{table + "/index/i"}}}},
		{ID: "Put", Policies: []template.Statement{
			{Actions: []string{"dynamodb:PutItem", "dynamodb:ConditionCheckItem"}, Resources: []string{table}},
			{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{"Pepper"}},
		}},
		{ID: "None"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		function, target, body string
		want                   bool
	}{
		{"Get", "DynamoDB_20120810.GetItem", `{"TableName":"T"}`, true},
		{"Get", "DynamoDB_20120810.GetItem", `{"TableName":"U"}`, false},
		{"Get", "DynamoDB_20120810.PutItem", `{"TableName":"T"}`, false},
		{"None", "DynamoDB_20120810.GetItem", `{"TableName":"T"}`, false},
		{"", "DynamoDB_20120810.GetItem", `{"TableName":"T"}`, false},
		{"List", "DynamoDB_20120810.Query", `{"TableName":"T","IndexName":"i"}`, true},
		{"List", "DynamoDB_20120810.Query", `{"TableName":"T"}`, false},
		{"Put", "DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"T"}},{"ConditionCheck":{"TableName":"T"}}]}`, true},
		{"Put", "DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"T"}},{"Delete":{"TableName":"T"}}]}`, false},
		{"Put", "DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"U"}}]}`, false},
		{"Put", "secretsmanager.GetSecretValue", `{"SecretId":"Pepper"}`, true},
		{"Put", "secretsmanager.GetSecretValue", `{"SecretId":"Other"}`, false},
		{"Get", "secretsmanager.GetSecretValue", `{"SecretId":"Pepper"}`, false},
		{"Get", "DynamoDB_20120810.ExportTableToPointInTime", `{}`, false},
		{"Get", "DynamoDB_20120810.GetItem", `x`, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(tt.body))
		r.Header.Set("X-Amz-Target", tt.target)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+tt.function+"/20261124/us-east-1/dynamodb/aws4_request, Signature=x")
		w := httptest.NewRecorder()
		guard.ServeHTTP(w, r)
		if got := w.Code == http.StatusOK && w.Body.String() == tt.body; got != tt.want {
			t.Errorf("%s by %s of %s: allowed %v, want %v (%d %s)", tt.target, tt.function, tt.body, got, tt.want, w.Code, w.Body)
		}
		if !tt.want && !strings.Contains(w.Body.String(), "AccessDeniedException") {
			t.Errorf("%s by %s: refusal %s", tt.target, tt.function, w.Body)
		}
	}
}
