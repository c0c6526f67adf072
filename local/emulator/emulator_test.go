package emulator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"keyslot/local/account"
	"keyslot/local/template"
)

// product is the template of the product itself.
func product(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := template.Load("../../template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func TestCreateTables(t *testing.T) {
	t.Parallel()
	e, err := StartDynamoDB(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	tables := product(t).Tables
	for range 2 { // the second time, all are there
		if err := CreateTables(t.Context(), e.URL, tables); err != nil {
			t.Fatal(err)
		}
	}
	client := dynamodb.New(dynamodb.Options{Region: account.Region, BaseEndpoint: &e.URL, Credentials: credentials})
	for _, table := range tables {
		out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table.Name})
		if err != nil {
			t.Fatal(err)
		}
		got := out.Table
		if diff := cmp.Diff(keys(table.Key), schema(got.KeySchema)); diff != "" {
			t.Errorf("key of %s (-want +got):\n%s", table.Name, diff)
		}
		for i, index := range table.Indexes {
			if diff := cmp.Diff(keys(index.Key), schema(got.GlobalSecondaryIndexes[i].KeySchema)); diff != "" {
				t.Errorf("key of index %s (-want +got):\n%s", index.Name, diff)
			}
		}
		stream := ""
		if got.StreamSpecification != nil {
			stream = string(got.StreamSpecification.StreamViewType)
		}
		if stream != table.Stream {
			t.Errorf("stream of %s: %q, want %q", table.Name, stream, table.Stream)
		}
		ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &table.Name})
		if err != nil {
			t.Fatal(err)
		}
		if d := ttl.TimeToLiveDescription; d == nil || d.AttributeName == nil || *d.AttributeName != table.TTL {
			t.Errorf("time to live of %s: %+v, want %s", table.Name, d, table.TTL)
		}
	}
}

func keys(parts []template.KeyPart) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.Type+" "+p.Attribute)
	}
	return all
}

func schema(elements []ddbtypes.KeySchemaElement) []string {
	var all []string
	for _, e := range elements {
		all = append(all, string(e.KeyType)+" "+*e.AttributeName)
	}
	return all
}

// Emulators that start at the same time do not get in each other's way.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	var urls sync.Map
	for range 6 {
		all.Go(func() {
			e, err := StartDynamoDB(t.Context(), Options{})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(e.Stop)
			if _, taken := urls.LoadOrStore(e.URL, true); taken {
				t.Errorf("two emulators say that they are %s", e.URL)
			}
		})
	}
	all.Wait()
}

// A generated secret is the same after a restart, even if the emulator was killed and
// forgot it: all hashes of keys hang on it.
func TestSecretsOutliveTheEmulator(t *testing.T) {
	t.Parallel()
	secrets := product(t).Secrets
	options := Options{DataDir: filepath.Join(t.TempDir(), "data")}
	first := ""
	for run, end := range []func(*Emulator){
		func(e *Emulator) { e.process.Kill() },
		func(e *Emulator) { e.Stop() },
		func(e *Emulator) { e.Stop() },
	} {
		e, err := StartSecretsManager(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.Stop)
		if err := CreateSecrets(t.Context(), e.URL, options.DataDir, secrets); err != nil {
			t.Fatal(err)
		}
		client := secretsmanager.New(secretsmanager.Options{Region: account.Region, BaseEndpoint: &e.URL, Credentials: credentials})
		out, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &secrets[0].Name})
		if err != nil {
			t.Fatal(err)
		}
		if run == 0 {
			first = *out.SecretString
		}
		if *out.SecretString != first {
			t.Errorf("run %d has another value", run+1)
		}
		end(e)
	}
	info, err := os.Stat(filepath.Join(options.DataDir, "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("secrets.json has the permissions %v", info.Mode().Perm())
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		generate template.Generate
		length   int
		alphabet string // "" means any
	}{
		{"all defaults", template.Generate{}, 32, ""},
		{"digits alone", template.Generate{Length: 64, NoLower: true, NoUpper: true, NoSymbols: true}, 64, "0123456789"},
		{"but some", template.Generate{Length: 64, NoLower: true, NoUpper: true, NoSymbols: true, Exclude: "02468"}, 64, "13579"},
	} {
		got, err := generate(tt.generate)
		if err != nil || len(got) != tt.length || (tt.alphabet != "" && strings.Trim(got, tt.alphabet) != "") {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	got, err := generate(template.Generate{Template: `{"user":"a"}`, Key: "seed", Length: 8})
	var object struct{ User, Seed string }
	if err != nil || json.Unmarshal([]byte(got), &object) != nil || object.User != "a" || len(object.Seed) != 8 {
		t.Errorf("with a template: %q, %v", got, err)
	}
	if _, err := generate(template.Generate{NoLower: true, NoUpper: true, NoSymbols: true, NoDigits: true}); err == nil {
		t.Error("an empty alphabet is no error")
	}
}
