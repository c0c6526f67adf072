// Package template reads the parts of template.yaml that the local stack plays: what
// runs locally is what deploys. It is strict, for a stack that quietly leaves out
// what it does not know is no rehearsal: an intrinsic, a resource or a property that
// it knows neither to use nor to be without effect here is an error.
package template

import (
	"fmt"
	"os"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// A Template is a stack as the local one needs to know it. Its slices are in the
// order of the file.
type Template struct {
	API       API
	Functions []Function
	Tables    []Table
	Secrets   []Secret
}

// A Function is an AWS::Serverless::Function.
type Function struct {
	ID          string // the logical one, which is also its name here
	CodeURI     string // its folder, from that of the template
	Handler     string
	Environment map[string]string
	LogFormat   string // Text or JSON; "" means Lambda's default
	MemorySize  int    // MiB
	Timeout     time.Duration
	Routes      []Route
	Policies    []Statement
}

// A Statement allows each of some actions on each of some resources.
type Statement struct{ Actions, Resources []string }

// A Route is an event of type Api.
type Route struct {
	Method     string // in capitals; ANY for all
	Path       string
	Authorizer string // the function's id; "" means that the route is public
}

// An API is the AWS::Serverless::Api. The zero API has no routes.
type API struct {
	ID        string
	Stage     string
	Responses map[string]Response // by type, such as UNAUTHORIZED
}

// A Response is a gateway response.
type Response struct {
	Status  int               // 0 means that of the type
	Headers map[string]string // name to mapping, such as 'literal' or context.requestId
	Body    string            // in JSON; "" means the gateway's own
}

// Load reads the template at path. Parameters that are not named have their defaults.
func Load(path string, parameters map[string]string) (*Template, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, err
	}
	t, err := Parse(data, parameters)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads a template.
func Parse(data []byte, parameters map[string]string) (*Template, error) {
	var f file
	if err := yaml.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	return f.template(parameters)
}

// file is the template's outermost level. Sections are kept as nodes, for only those
// that are needed must make sense here.
type file struct {
	Version     yaml.Node `yaml:"AWSTemplateFormatVersion"`
	Description yaml.Node `yaml:"Description"`
	Outputs     yaml.Node `yaml:"Outputs"`
	Metadata    yaml.Node `yaml:"Metadata"`

	Transform  string               `yaml:"Transform"`
	Parameters map[string]parameter `yaml:"Parameters"`
	Globals    map[string]yaml.Node `yaml:"Globals"`
	Resources  yaml.Node            `yaml:"Resources"`

	Others map[string]yaml.Node `yaml:",inline"`
}

// A resource is one entry of Resources, with its intrinsics still unresolved.
type resource struct {
	id, kind   string
	properties *yaml.Node
}

// kinds of resources that the local stack plays.
const (
	kindFunction = "AWS::Serverless::Function"
	kindAPI      = "AWS::Serverless::Api"
	kindTable    = "AWS::DynamoDB::Table"
	kindSecret   = "AWS::SecretsManager::Secret" //nolint:gosec // the name of a kind
)

// withoutEffect are the kinds that change nothing about what the API answers.
var withoutEffect = []string{
	"AWS::CloudWatch::Alarm",
	"AWS::IAM::ManagedPolicy",
	"AWS::IAM::Role",
	"AWS::Logs::LogGroup",
}

func (f file) template(parameters map[string]string) (*Template, error) {
	for section := range f.Others {
		return nil, fmt.Errorf("section %s is not supported yet", section)
	}
	if f.Transform != "AWS::Serverless-2016-10-31" {
		return nil, fmt.Errorf("transform %q is not supported", f.Transform)
	}
	for section := range f.Globals {
		if section != "Function" {
			return nil, fmt.Errorf("section Globals.%s is not supported yet", section)
		}
	}
	resources, err := list(&f.Resources)
	if err != nil {
		return nil, err
	}
	r, err := newResolver(f.Parameters, parameters, resources)
	if err != nil {
		return nil, err
	}
	return build(r, f.Globals["Function"], resources)
}

// list returns the resources in the order of the file.
func list(node *yaml.Node) ([]resource, error) {
	entries, err := mapping(node)
	if err != nil {
		return nil, fmt.Errorf("section Resources: %w", err)
	}
	var all []resource
	for _, e := range entries {
		res := resource{id: e.key, properties: &yaml.Node{}}
		parts, err := mapping(e.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.key, err)
		}
		for _, p := range parts {
			switch p.key {
			case "Type":
				res.kind = p.value.Value
			case "Properties":
				res.properties = p.value
			case "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata":
			default:
				return nil, fmt.Errorf("%s: attribute %s is not supported yet", e.key, p.key)
			}
		}
		all = append(all, res)
	}
	return all, nil
}

// build turns the resources into a Template.
func build(r *resolver, globals yaml.Node, resources []resource) (*Template, error) {
	t := &Template{}
	var api *apiProperties
	for _, res := range resources {
		var err error
		switch res.kind {
		case kindAPI:
			if api != nil {
				return nil, fmt.Errorf("%s: a second API is not supported", res.id)
			}
			api, err = r.api(res)
		case kindTable:
			err = add(&t.Tables, r.table, res)
		case kindSecret:
			err = add(&t.Secrets, r.secret, res)
		case kindFunction:
		default:
			if !slices.Contains(withoutEffect, res.kind) {
				err = fmt.Errorf("type %s is not supported yet", res.kind)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", res.id, err)
		}
	}
	authorizers := map[string]string{}
	if api != nil {
		var err error
		if authorizers, err = api.authorizers(resources); err != nil {
			return nil, fmt.Errorf("%s: %w", api.id, err)
		}
		if t.API, err = api.result(); err != nil {
			return nil, fmt.Errorf("%s: %w", api.id, err)
		}
	}
	for _, res := range resources {
		if res.kind != kindFunction {
			continue
		}
		f, err := r.function(res, globals, t.API.ID, authorizers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", res.id, err)
		}
		t.Functions = append(t.Functions, f)
	}
	return t, t.checkRoutes()
}

func add[T any](all *[]T, read func(resource) (T, error), res resource) error {
	one, err := read(res)
	*all = append(*all, one)
	return err
}

// checkRoutes refuses two events with one route.
func (t *Template) checkRoutes() error {
	owner := map[string]string{}
	for _, f := range t.Functions {
		for _, r := range f.Routes {
			route := r.Method + " " + r.Path
			if other, ok := owner[route]; ok {
				return fmt.Errorf("%s: %s is a route of %s already", f.ID, route, other)
			}
			owner[route] = f.ID
		}
	}
	return nil
}
