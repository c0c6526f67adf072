package apikey_test

import (
	"os"
	"testing"

	"keyslot/local/emulatortest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }
