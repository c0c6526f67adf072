// Package emulatortest gives the tests of a package the template's tables.
package emulatortest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"keyslot/local/account"
	"keyslot/local/emulator"
	"keyslot/local/module"
	"keyslot/local/template"
)

// Main runs the tests of a package with an emulator of DynamoDB, in memory and of
// their own, in which the template's tables are. The environment then is that of a
// function, so that a test opens its store as a function does. TestMain calls it:
//
//	func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }
//
// DYNAMODB_ENDPOINT names another emulator to use instead.
func Main(m *testing.M) (code int) {
	stop, err := setUp(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "emulatortest:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

func setUp(ctx context.Context) (stop func(), err error) {
	root, err := module.Root()
	if err != nil {
		return nil, err
	}
	url, stop := os.Getenv("DYNAMODB_ENDPOINT"), func() {}
	if url == "" {
		e, err := emulator.StartDynamoDB(ctx, emulator.Options{})
		if err != nil {
			return nil, err
		}
		url, stop = e.URL, e.Stop
	}
	t, err := template.Load(filepath.Join(root, "template.yaml"), map[string]string{"DynamoDBEndpoint": url})
	if err == nil {
		err = emulator.CreateTables(ctx, url, t.Tables)
	}
	if err == nil {
		err = setEnvironment(url)
	}
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// setEnvironment sets what Lambda and the template set; tables have their logical ids.
func setEnvironment(url string) error {
	return cmp.Or(
		os.Setenv("AWS_ENDPOINT_URL_DYNAMODB", url),
		os.Setenv("AWS_REGION", account.Region),
		os.Setenv("AWS_ACCESS_KEY_ID", account.AccessKeyID),
		os.Setenv("AWS_SECRET_ACCESS_KEY", account.SecretAccessKey),
		os.Setenv("SCHEDULING_TABLE", "SchedulingTable"),
		os.Setenv("CREDENTIALS_TABLE", "CredentialsTable"),
	)
}
