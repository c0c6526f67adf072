package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// An authorization is what an authorizer answered.
type authorization struct {
	PrincipalID    string         `json:"principalId"`
	Context        map[string]any `json:"context"`
	PolicyDocument struct {
		Statement []statement `json:"Statement"`
	} `json:"policyDocument"`
}

type statement struct {
	Effect   string `json:"Effect"`
	Action   texts  `json:"Action"`
	Resource texts  `json:"Resource"`

	// Not played here; a policy that has one of them is refused, never half obeyed.
	Condition   json.RawMessage `json:"Condition"`
	NotAction   json.RawMessage `json:"NotAction"`
	NotResource json.RawMessage `json:"NotResource"`
}

// texts is one string or several, as policies have them.
type texts []string

func (t *texts) UnmarshalJSON(js []byte) error {
	var one string
	if json.Unmarshal(js, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(js, (*[]string)(t))
}

// parseAuthorization reads an authorizer's answer; what the gateway would not accept
// is an error.
func parseAuthorization(js []byte) (authorization, error) {
	var a authorization
	dec := json.NewDecoder(bytes.NewReader(js))
	dec.UseNumber() // 12345678901 stays what it is
	if err := dec.Decode(&a); err != nil {
		return a, err
	}
	if a.PrincipalID == "" {
		return a, errors.New("no principalId")
	}
	if len(a.PolicyDocument.Statement) == 0 {
		return a, errors.New("no policy")
	}
	for _, s := range a.PolicyDocument.Statement {
		if (s.Effect != "Allow" && s.Effect != "Deny") || len(s.Action) == 0 || len(s.Resource) == 0 {
			return a, errors.New("malformed statement")
		}
		if s.Condition != nil || s.NotAction != nil || s.NotResource != nil {
			return a, errors.New("Condition, NotAction and NotResource are not supported yet") //nolint:staticcheck // names of IAM
		}
	}
	for name, value := range a.Context {
		switch v := value.(type) {
		case string:
		case bool, json.Number:
			a.Context[name] = fmt.Sprint(v) // functions get strings only
		default:
			return a, fmt.Errorf("context value %s is neither a string, a number nor a boolean", name)
		}
	}
	return a, nil
}

// allows reports whether the policy lets a method of the API be called: a statement
// allows it, and none denies it.
func (a authorization) allows(methodARN string) bool {
	allowed := false
	for _, s := range a.PolicyDocument.Statement {
		if !anyMatches(s.Action, "execute-api:Invoke") || !anyMatches(s.Resource, methodARN) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func anyMatches(patterns []string, text string) bool {
	for _, p := range patterns {
		if matches(p, text) {
			return true
		}
	}
	return false
}

// matches reports whether text has the form of pattern: * is any text, ? any character.
func matches(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		for i := 0; i <= len(text); i++ {
			if matches(strings.TrimLeft(pattern, "*"), text[i:]) {
				return true
			}
		}
		return false
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern[1:], text[1:])
}
