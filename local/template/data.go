package template

import (
	"errors"
	"fmt"
)

// A Table is an AWS::DynamoDB::Table.
type Table struct {
	Name       string      // its logical id
	Attributes []Attribute // those that keys are made of
	Key        []KeyPart
	Indexes    []Index
	Stream     string // what its records show, such as NEW_AND_OLD_IMAGES; "" means no stream
	TTL        string // the attribute that says when an item expires; "" means none does
}

// An Attribute is a part of a key with its type: S, N or B.
type Attribute struct {
	Name string `json:"AttributeName"`
	Type string `json:"AttributeType"`
}

// A KeyPart says which attribute is the HASH or the RANGE key.
type KeyPart struct {
	Attribute string `json:"AttributeName"`
	Type      string `json:"KeyType"`
}

// An Index is a global secondary index.
type Index struct {
	Name       string    `json:"IndexName"`
	Key        []KeyPart `json:"KeySchema"`
	Projection struct {
		Type       string   `json:"ProjectionType"`
		Attributes []string `json:"NonKeyAttributes"`
	}
}

// A Secret is an AWS::SecretsManager::Secret. Its value is either given or generated;
// if it is neither, the secret has none.
type Secret struct {
	Name     string // its logical id
	Value    string
	Generate *Generate
}

// Generate says how to make a value. Its zero value makes a password of 32 characters
// of all kinds but the space.
type Generate struct {
	Template  string `json:"SecretStringTemplate"` // a JSON object, to which the password is added
	Key       string `json:"GenerateStringKey"`    // under this key
	Length    int    `json:"PasswordLength"`
	Exclude   string `json:"ExcludeCharacters"`
	NoLower   bool   `json:"ExcludeLowercase"`
	NoUpper   bool   `json:"ExcludeUppercase"`
	NoDigits  bool   `json:"ExcludeNumbers"`
	NoSymbols bool   `json:"ExcludePunctuation"`
	Space     bool   `json:"IncludeSpace"`
}

var (
	tableIgnored = []string{
		"BillingMode", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification", "Tags",
	}
	secretIgnored = []string{"Description", "KmsKeyId", "Tags"}
)

func (r *resolver) table(res resource) (Table, error) {
	var p struct {
		AttributeDefinitions   []Attribute
		KeySchema              []KeyPart
		GlobalSecondaryIndexes []Index
		StreamSpecification    struct{ StreamViewType string }
		TimeToLive             struct {
			AttributeName string
			Enabled       bool
		} `json:"TimeToLiveSpecification"`
	}
	if err := r.decode(res.properties, &p, tableIgnored...); err != nil {
		return Table{}, err
	}
	if len(p.KeySchema) == 0 {
		return Table{}, errors.New("KeySchema is missing")
	}
	t := Table{
		Name:       res.id,
		Attributes: p.AttributeDefinitions,
		Key:        p.KeySchema,
		Indexes:    p.GlobalSecondaryIndexes,
		Stream:     p.StreamSpecification.StreamViewType,
	}
	if p.TimeToLive.Enabled {
		t.TTL = p.TimeToLive.AttributeName
	}
	return t, nil
}

func (r *resolver) secret(res resource) (Secret, error) {
	var p struct {
		SecretString         string
		GenerateSecretString *Generate
	}
	if err := r.decode(res.properties, &p, secretIgnored...); err != nil {
		return Secret{}, err
	}
	if g := p.GenerateSecretString; g != nil && (g.Template == "") != (g.Key == "") {
		return Secret{}, fmt.Errorf("SecretStringTemplate and GenerateStringKey need each other")
	}
	return Secret{Name: res.id, Value: p.SecretString, Generate: p.GenerateSecretString}, nil
}
