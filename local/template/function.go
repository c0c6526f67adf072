package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// functionProperties are those of a function, and of Globals.Function.
type functionProperties struct {
	CodeURI     string `json:"CodeUri"`
	Handler     string
	Runtime     string
	MemorySize  int
	Timeout     int // seconds
	Environment struct {
		Variables map[string]text
	}
	LoggingConfig struct {
		LogFormat string
		LogGroup  any // where logs go: here, to the stack's own
	}
	Events   map[string]event
	Policies []policy
}

// A policy is one of a function's own. Managed and template policies are not
// supported: what they allow does not stand in the file.
type policy struct{ Statement []statement }

type statement struct {
	Effect   string
	Action   texts
	Resource texts
}

// texts is one text or a list of them, as policies have it.
type texts []string

func (t *texts) UnmarshalJSON(js []byte) error {
	var one string
	if json.Unmarshal(js, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(js, (*[]string)(t))
}

// statements returns what policies allow. A wildcard is an error: each permission is
// to be named.
func statements(policies []policy) ([]Statement, error) {
	var all []Statement
	for _, p := range policies {
		for _, s := range p.Statement {
			if s.Effect != "Allow" || len(s.Action) == 0 || len(s.Resource) == 0 {
				return nil, errors.New("Policies: a statement has to allow an action on a resource") //nolint:staticcheck // the property's name
			}
			for _, text := range slices.Concat(s.Action, s.Resource) {
				if strings.Contains(text, "*") {
					return nil, fmt.Errorf("Policies: %q is wider than least privilege", text) //nolint:staticcheck // the property's name
				}
			}
			all = append(all, Statement{Actions: s.Action, Resources: s.Resource})
		}
	}
	return all, nil
}

// functionIgnored change nothing about what a function answers here: it runs on the
// machine's own processor.
var functionIgnored = []string{"Architectures", "Description", "Tags"}

// An event is one entry of a function's Events.
type event struct {
	Type       string
	Properties json.RawMessage
}

// A routeEvent has the properties of an event of type Api.
type routeEvent struct {
	RestAPIID string `json:"RestApiId"`
	Method    string
	Path      string
	Auth      struct{ Authorizer string }
}

// function reads a function. Its own properties override the global ones, except for
// the variables of the environment: decoding adds to a map.
func (r *resolver) function(res resource, globals yaml.Node, api string, authorizers map[string]string) (Function, error) {
	p := functionProperties{MemorySize: 128, Timeout: 3} // as CloudFormation does
	if err := r.decode(&globals, &p, functionIgnored...); err != nil {
		return Function{}, fmt.Errorf("Globals.Function: %w", err)
	}
	if err := r.decode(res.properties, &p, functionIgnored...); err != nil {
		return Function{}, err
	}
	switch {
	case p.Runtime != "provided.al2023":
		return Function{}, fmt.Errorf("runtime %q is not supported", p.Runtime)
	case p.CodeURI == "":
		return Function{}, errors.New("CodeUri is missing")
	case p.Timeout <= 0 || p.MemorySize <= 0:
		return Function{}, errors.New("both Timeout and MemorySize must be positive")
	}
	f := Function{
		ID:          res.id,
		CodeURI:     p.CodeURI,
		Handler:     p.Handler,
		Environment: map[string]string{},
		LogFormat:   p.LoggingConfig.LogFormat,
		MemorySize:  p.MemorySize,
		Timeout:     time.Duration(p.Timeout) * time.Second,
	}
	for name, value := range p.Environment.Variables {
		f.Environment[name] = string(value)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Events)) {
		route, err := p.Events[name].route(api, authorizers)
		if err != nil {
			return Function{}, fmt.Errorf("event %s: %w", name, err)
		}
		f.Routes = append(f.Routes, route)
	}
	var err error
	f.Policies, err = statements(p.Policies)
	return f, err
}

// route fails closed: a route without an authorizer must say so.
func (e event) route(api string, authorizers map[string]string) (Route, error) {
	if e.Type != "Api" {
		return Route{}, fmt.Errorf("type %s is not supported yet", e.Type)
	}
	var p routeEvent
	if err := strict(e.Properties, &p); err != nil {
		return Route{}, err
	}
	if p.RestAPIID != api || api == "" {
		return Route{}, fmt.Errorf("there is no API %q", p.RestAPIID)
	}
	if !strings.HasPrefix(p.Path, "/") || p.Method == "" {
		return Route{}, errors.New("needs a method, and a path that begins with a slash")
	}
	route := Route{Method: strings.ToUpper(p.Method), Path: p.Path}
	if p.Auth.Authorizer == "NONE" {
		return route, nil
	}
	function, ok := authorizers[p.Auth.Authorizer]
	if !ok {
		return Route{}, fmt.Errorf("there is no authorizer %q", p.Auth.Authorizer)
	}
	route.Authorizer = function
	return route, nil
}

// A text is a value that CloudFormation makes a string of.
type text string

// UnmarshalJSON takes a string, a number or a bool.
func (t *text) UnmarshalJSON(js []byte) error {
	if len(js) > 0 && js[0] == '"' {
		return json.Unmarshal(js, (*string)(t))
	}
	switch string(js[:1]) {
	case "{", "[", "n":
		return errors.New("not a string")
	}
	*t = text(js)
	return nil
}
