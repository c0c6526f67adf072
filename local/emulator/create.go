package emulator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"keyslot/local/account"
	"keyslot/local/template"
)

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: account.AccessKeyID, SecretAccessKey: account.SecretAccessKey}, nil
})

// CreateTables makes the tables of a template at a DynamoDB endpoint. Those that are
// there already are left alone.
func CreateTables(ctx context.Context, url string, tables []template.Table) error {
	client := dynamodb.New(dynamodb.Options{Region: account.Region, BaseEndpoint: &url, Credentials: credentials})
	for _, t := range tables {
		_, err := client.CreateTable(ctx, createTable(t))
		if _, ok := errors.AsType[*ddbtypes.ResourceInUseException](err); ok {
			continue
		}
		if err != nil {
			return fmt.Errorf("create table %s: %w", t.Name, err)
		}
		if t.TTL == "" {
			continue
		}
		_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName:               &t.Name,
			TimeToLiveSpecification: &ddbtypes.TimeToLiveSpecification{AttributeName: &t.TTL, Enabled: aws.Bool(true)},
		})
		if err != nil {
			return fmt.Errorf("time to live of table %s: %w", t.Name, err)
		}
	}
	return nil
}

func createTable(t template.Table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{TableName: &t.Name, BillingMode: ddbtypes.BillingModePayPerRequest, KeySchema: keySchema(t.Key)}
	for _, a := range t.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, ddbtypes.AttributeDefinition{
			AttributeName: &a.Name, AttributeType: ddbtypes.ScalarAttributeType(a.Type),
		})
	}
	for _, i := range t.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, ddbtypes.GlobalSecondaryIndex{
			IndexName: &i.Name, KeySchema: keySchema(i.Key),
			Projection: &ddbtypes.Projection{
				ProjectionType: ddbtypes.ProjectionType(i.Projection.Type), NonKeyAttributes: i.Projection.Attributes,
			},
		})
	}
	if t.Stream != "" {
		in.StreamSpecification = &ddbtypes.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: ddbtypes.StreamViewType(t.Stream),
		}
	}
	return in
}

func keySchema(parts []template.KeyPart) []ddbtypes.KeySchemaElement {
	var schema []ddbtypes.KeySchemaElement
	for _, p := range parts {
		schema = append(schema, ddbtypes.KeySchemaElement{AttributeName: &p.Attribute, KeyType: ddbtypes.KeyType(p.Type)})
	}
	return schema
}

// CreateSecrets makes the secrets of a template at a Secrets Manager endpoint. With a
// dataDir it keeps their values there, readable for the owner alone, and makes the same
// ones the next time: under another pepper no stored hash would be of use.
func CreateSecrets(ctx context.Context, url, dataDir string, secrets []template.Secret) error {
	values, err := secretValues(dataDir, secrets)
	if err != nil {
		return err
	}
	client := secretsmanager.New(secretsmanager.Options{Region: account.Region, BaseEndpoint: &url, Credentials: credentials})
	for _, s := range secrets {
		_, err := client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &s.Name, SecretString: aws.String(values[s.Name])})
		if err != nil {
			return fmt.Errorf("create secret %s: %w", s.Name, err)
		}
	}
	return nil
}

// secretValues returns the values of secrets by name: those kept in dataDir, others as
// the template wants them.
func secretValues(dataDir string, secrets []template.Secret) (map[string]string, error) {
	values := map[string]string{}
	file := filepath.Join(dataDir, "secrets.json")
	if dataDir != "" {
		js, err := os.ReadFile(file) //nolint:gosec // the caller's own folder
		if err == nil {
			err = json.Unmarshal(js, &values)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("kept secrets: %w", err)
		}
	}
	for _, s := range secrets {
		if _, kept := values[s.Name]; kept {
			continue
		}
		values[s.Name] = s.Value
		if s.Generate != nil {
			value, err := generate(*s.Generate)
			if err != nil {
				return nil, fmt.Errorf("value of secret %s: %w", s.Name, err)
			}
			values[s.Name] = value
		}
	}
	if dataDir == "" {
		return values, nil
	}
	js, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return values, os.WriteFile(file, js, 0o600)
}

// generate makes a value as CloudFormation does.
func generate(g template.Generate) (string, error) {
	var alphabet strings.Builder
	for _, part := range []struct {
		chars string
		in    bool
	}{
		{"abcdefghijklmnopqrstuvwxyz", !g.NoLower},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", !g.NoUpper},
		{"0123456789", !g.NoDigits},
		{"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", !g.NoSymbols},
		{" ", g.Space},
	} {
		for _, c := range part.chars {
			if part.in && !strings.ContainsRune(g.Exclude, c) {
				alphabet.WriteRune(c)
			}
		}
	}
	if alphabet.Len() == 0 {
		return "", errors.New("all characters are excluded")
	}
	length := g.Length
	if length == 0 {
		length = 32
	}
	var password strings.Builder
	for range length {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(alphabet.Len())))
		if err != nil {
			return "", err
		}
		password.WriteByte(alphabet.String()[n.Int64()])
	}
	if g.Key == "" {
		return password.String(), nil
	}
	object := map[string]any{}
	if err := json.Unmarshal([]byte(g.Template), &object); err != nil {
		return "", fmt.Errorf("SecretStringTemplate: %w", err)
	}
	object[g.Key] = password.String()
	js, err := json.Marshal(object)
	return string(js), err
}
