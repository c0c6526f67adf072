// Package functions_test holds the folders of functions, the template and the events
// together: what one of them lacks, this test tells.
package functions_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyslot/local/template"
)

// folders returns the folder of every command: "authorizer", "functions/bookings/create".
func folders(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	root := os.DirFS("..")
	for _, top := range []string{"authorizer", "functions"} {
		err := fs.WalkDir(root, top, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "main.go" {
				found[path.Dir(name)] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// logicalID returns the id of a folder's function: functions/bookings/create is
// BookingsCreate.
func logicalID(folder string) string {
	var id strings.Builder
	for word := range strings.FieldsFuncSeq(strings.TrimPrefix(folder, "functions/"), func(r rune) bool { return r == '/' || r == '-' }) {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

// eventFile returns the name of the file with a payload for a folder's function.
func eventFile(folder string) string {
	return strings.ReplaceAll(strings.TrimPrefix(folder, "functions/"), "/", "-") + ".json"
}

func load(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := template.Load("../template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func TestEachFolderIsInTheTemplate(t *testing.T) {
	inTemplate := map[string]string{}
	for _, f := range load(t).Functions {
		inTemplate[path.Clean(f.CodeURI)] = f.ID
	}
	onDisk := map[string]string{}
	for folder := range folders(t) {
		onDisk[folder] = logicalID(folder)
	}
	if diff := cmp.Diff(onDisk, inTemplate); diff != "" {
		t.Errorf("functions in template.yaml differ from the folders (-folders +template):\n%s", diff)
	}
}

func TestEachRouteHasAnAuthorizer(t *testing.T) {
	for _, f := range load(t).Functions {
		for _, r := range f.Routes {
			public := r.Path == "/v1/health" || strings.HasPrefix(r.Path, "/v1/public/")
			if public == (r.Authorizer != "") {
				t.Errorf("%s %s: authorizer %q; only health and /v1/public/… have none", r.Method, r.Path, r.Authorizer)
			}
		}
	}
}

func TestEachFunctionHasAnEvent(t *testing.T) {
	events := map[string]bool{}
	files, err := os.ReadDir("../events")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		events[f.Name()] = true
	}
	for _, f := range load(t).Functions {
		name := eventFile(path.Clean(f.CodeURI))
		if !events[name] {
			t.Errorf("%s has no events/%s", f.ID, name)
			continue
		}
		delete(events, name)
		js, err := os.ReadFile("../events/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var event struct {
			Type       string `json:"type"`
			HTTPMethod string `json:"httpMethod"`
			Resource   string `json:"resource"`
		}
		if err := json.Unmarshal(js, &event); err != nil {
			t.Errorf("events/%s: %v", name, err)
			continue
		}
		for _, r := range f.Routes {
			if event.HTTPMethod != r.Method || event.Resource != r.Path {
				t.Errorf("events/%s is of %s %s, the route is %s %s", name, event.HTTPMethod, event.Resource, r.Method, r.Path)
			}
		}
	}
	for name := range events {
		t.Errorf("events/%s belongs to no function", name)
	}
}
