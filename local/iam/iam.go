// Package iam holds functions to their roles: it stands between them and an emulator,
// and refuses what the template's policies do not allow, as IAM would. A permission
// that is missing then shows in a test, not in a deployment.
package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"

	"keyslot/local/account"
	"keyslot/local/template"
)

// maxBody is more than any request of the two services has.
const maxBody = 32 << 20

// A need is one thing that a request has to be allowed.
type need struct{ action, resource string }

// Guard passes requests on to the emulator of a service, if the policies of the
// function that signed them allow it. A function signs with its id for an access key.
func Guard(emulator string, functions []template.Function) (http.Handler, error) {
	upstream, err := url.Parse(emulator)
	if err != nil {
		return nil, err
	}
	policies := map[string][]template.Statement{}
	for _, f := range functions {
		policies[f.ID] = f.Policies
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			deny(w, "the request cannot be read")
			return
		}
		function := signer(r.Header.Get("Authorization"))
		needs, err := needsOf(r.Header.Get("X-Amz-Target"), body)
		if err != nil {
			deny(w, err.Error())
			return
		}
		for _, n := range needs {
			if !allowed(policies[function], n) {
				deny(w, fmt.Sprintf("%s is not authorized to perform: %s on resource: %s", function, n.action, n.resource))
				return
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		proxy.ServeHTTP(w, r)
	}), nil
}

func deny(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "AccessDeniedException", "message": message}) // the client may be gone
}

// signer returns the access key in a signature of version 4:
//
//	AWS4-HMAC-SHA256 Credential=MeGet/20261124/us-east-1/dynamodb/aws4_request, …
func signer(authorization string) string {
	_, rest, _ := strings.Cut(authorization, "Credential=")
	key, _, _ := strings.Cut(rest, "/")
	return key
}

// A call is what matters in the bodies of both services' requests.
type call struct {
	TableName     string
	IndexName     string
	SecretID      string `json:"SecretId"`
	TransactItems []map[string]struct{ TableName string }
}

// needsOf returns what a request has to be allowed. A transaction needs what each of
// its parts does; there is no action for the transaction itself.
func needsOf(target string, body []byte) ([]need, error) {
	service, operation, _ := strings.Cut(target, ".")
	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, fmt.Errorf("the request of %s cannot be read", target)
	}
	if service == "secretsmanager" {
		return []need{{"secretsmanager:" + operation, c.SecretID}}, nil
	}
	switch operation {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan":
		resource := tableARN(c.TableName)
		if c.IndexName != "" {
			resource += "/index/" + c.IndexName
		}
		return []need{{"dynamodb:" + operation, resource}}, nil
	case "TransactWriteItems":
		actions := map[string]string{
			"Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem", "ConditionCheck": "dynamodb:ConditionCheckItem",
		}
		var needs []need
		for _, item := range c.TransactItems {
			for part, p := range item {
				needs = append(needs, need{actions[part], tableARN(p.TableName)})
			}
		}
		return needs, nil
	}
	return nil, fmt.Errorf("%s is not known here: add it to local/iam", target)
}

func tableARN(name string) string { return account.ARN("dynamodb", "table/"+name) }

// allowed reports whether a statement allows n. The policies of the template only
// ever allow, and name actions and resources in full.
func allowed(policy []template.Statement, n need) bool {
	return slices.ContainsFunc(policy, func(s template.Statement) bool {
		return slices.Contains(s.Actions, n.action) && slices.Contains(s.Resources, n.resource)
	})
}
