package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"keyslot/local/account"
)

// A parameter is one entry of Parameters.
type parameter struct {
	Type          string               `yaml:"Type"`
	Default       *string              `yaml:"Default"`
	AllowedValues []string             `yaml:"AllowedValues"`
	Others        map[string]yaml.Node `yaml:",inline"` // descriptions, limits of numbers and the like
}

// A resolver replaces intrinsics by values.
type resolver struct {
	values    map[string]any    // of parameters, typed, and of pseudo parameters
	resources map[string]string // the kind of each, by its id
}

func newResolver(declared map[string]parameter, given map[string]string, resources []resource) (*resolver, error) {
	r := &resolver{
		resources: map[string]string{},
		values: map[string]any{
			"AWS::AccountId": account.ID,
			"AWS::Partition": "aws",
			"AWS::Region":    account.Region,
			"AWS::StackName": "local",
			"AWS::URLSuffix": "amazonaws.com",
		},
	}
	for _, res := range resources {
		r.resources[res.id] = res.kind
	}
	for name := range given {
		if _, ok := declared[name]; !ok {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	for name, p := range declared {
		value, ok := given[name]
		if !ok && p.Default == nil {
			return nil, fmt.Errorf("parameter %s has neither a value nor a default", name)
		}
		if !ok {
			value = *p.Default
		}
		if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value) {
			return nil, fmt.Errorf("parameter %s may not be %q", name, value)
		}
		typed, err := p.typed(value)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		r.values[name] = typed
	}
	return r, nil
}

func (p parameter) typed(value string) (any, error) {
	switch p.Type {
	case "String":
		return value, nil
	case "Number":
		_, err := strconv.ParseFloat(value, 64)
		return json.Number(value), err
	default:
		return nil, fmt.Errorf("type %s is not supported yet", p.Type)
	}
}

// decode resolves the properties of a resource into the struct at dst, in which every
// property that is not in ignored must have a field.
func (r *resolver) decode(properties *yaml.Node, dst any, ignored ...string) error {
	entries, err := mapping(properties)
	if err != nil {
		return err
	}
	values := map[string]any{}
	for _, e := range entries {
		if slices.Contains(ignored, e.key) {
			continue
		}
		if values[e.key], err = r.value(e.value); err != nil {
			return fmt.Errorf("%s: %w", e.key, err)
		}
	}
	js, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return strict(js, dst)
}

// strict decodes js into the struct at dst, which must have a field for everything.
func strict(js []byte, dst any) error {
	dec := json.NewDecoder(bytes.NewReader(js))
	dec.DisallowUnknownFields()
	err := dec.Decode(dst)
	if err == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("property %s is not supported yet", strings.Trim(name, `"`))
	}
	return err
}

// value returns what a node stands for: nil, a string, a number, a bool, a slice or
// a map.
func (r *resolver) value(node *yaml.Node) (any, error) {
	switch tag := node.ShortTag(); tag {
	case "!Ref", "!Sub", "!GetAtt":
		return r.intrinsic(strings.TrimPrefix(tag, "!"), node)
	case "!!map", "!!seq", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp":
	default:
		return nil, fmt.Errorf("line %d: intrinsic %s is not supported yet", node.Line, tag)
	}
	switch node.Kind { //nolint:exhaustive // documents do not occur inside of one
	case yaml.MappingNode:
		return r.object(node)
	case yaml.SequenceNode:
		all := make([]any, 0, len(node.Content))
		for _, n := range node.Content {
			v, err := r.value(n)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	case yaml.AliasNode:
		return nil, fmt.Errorf("line %d: aliases are not supported", node.Line)
	}
	if node.ShortTag() == "!!timestamp" { // such as the version of a policy's language
		return node.Value, nil
	}
	var v any
	err := node.Decode(&v)
	return v, err
}

// object returns a map, or the value of an intrinsic in its long form.
func (r *resolver) object(node *yaml.Node) (any, error) {
	entries, err := mapping(node)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	for _, e := range entries {
		name, isFn := strings.CutPrefix(e.key, "Fn::")
		if isFn || e.key == "Ref" || e.key == "Condition" {
			if len(entries) != 1 {
				return nil, fmt.Errorf("line %d: %s stands beside other keys", node.Line, e.key)
			}
			return r.intrinsic(name, e.value)
		}
		if object[e.key], err = r.value(e.value); err != nil {
			return nil, fmt.Errorf("%s: %w", e.key, err)
		}
	}
	return object, nil
}

func (r *resolver) intrinsic(name string, argument *yaml.Node) (any, error) {
	value, err := r.call(name, argument)
	if err != nil {
		return nil, fmt.Errorf("line %d: %s: %w", argument.Line, name, err)
	}
	return value, nil
}

func (r *resolver) call(name string, argument *yaml.Node) (any, error) {
	isList := argument.Kind == yaml.SequenceNode
	switch {
	case name == "Ref" && argument.Kind == yaml.ScalarNode:
		return r.ref(argument.Value)
	case name == "GetAtt" && argument.Kind == yaml.ScalarNode:
		id, attribute, _ := strings.Cut(argument.Value, ".")
		return r.attribute(id, attribute)
	case name == "GetAtt" && isList && len(argument.Content) == 2:
		return r.attribute(argument.Content[0].Value, argument.Content[1].Value)
	case name == "Sub" && argument.Kind == yaml.ScalarNode:
		return r.substitute(argument.Value, nil)
	case name == "Sub" && isList && len(argument.Content) == 2:
		variables, err := mapping(argument.Content[1])
		if err != nil {
			return nil, err
		}
		return r.substitute(argument.Content[0].Value, variables)
	default:
		return nil, fmt.Errorf("not supported yet, or not with such an argument")
	}
}

// ref gives a parameter's value, or a resource's id: of a table and of a secret,
// that is its name here.
func (r *resolver) ref(name string) (any, error) {
	if v, ok := r.values[name]; ok {
		return v, nil
	}
	if _, ok := r.resources[name]; ok {
		return name, nil
	}
	return nil, fmt.Errorf("there is no parameter or resource %s", name)
}

// attribute gives a resource's ARN; no other attribute is known ahead of its making.
func (r *resolver) attribute(id, name string) (string, error) {
	if name != "Arn" {
		return "", fmt.Errorf("attribute %s of %s is not supported yet", name, id)
	}
	switch r.resources[id] {
	case kindFunction:
		return functionARN(id), nil
	case kindTable:
		return account.ARN("dynamodb", "table/"+id), nil
	case "AWS::Logs::LogGroup":
		return account.ARN("logs", "log-group:"+id), nil
	default:
		return "", fmt.Errorf("there is no resource %s that has an ARN", id)
	}
}

func functionARN(id string) string { return account.ARN("lambda", "function:"+id) }

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// substitute replaces each ${Name} and ${Name.Attribute} in text.
func (r *resolver) substitute(text string, variables []entry) (string, error) {
	var failed error
	out := variable.ReplaceAllStringFunc(text, func(match string) string {
		name := match[2 : len(match)-1]
		if literal, ok := strings.CutPrefix(name, "!"); ok { // ${!Name} means ${Name} itself
			return "${" + literal + "}"
		}
		v, err := r.variable(name, variables)
		if err != nil && failed == nil {
			failed = err
		}
		return fmt.Sprint(v)
	})
	return out, failed
}

func (r *resolver) variable(name string, variables []entry) (any, error) {
	for _, v := range variables {
		if v.key == name {
			return r.value(v.value)
		}
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return r.attribute(id, attribute)
	}
	return r.ref(name)
}

// An entry is one of a mapping.
type entry struct {
	key   string
	value *yaml.Node
}

// mapping returns the entries of a mapping in order. An absent node has none.
func mapping(node *yaml.Node) ([]entry, error) {
	if node.IsZero() || node.ShortTag() == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: not a mapping", node.Line)
	}
	var entries []entry
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if slices.ContainsFunc(entries, func(e entry) bool { return e.key == key }) {
			return nil, fmt.Errorf("line %d: %s stands there twice", node.Content[i].Line, key)
		}
		entries = append(entries, entry{key, node.Content[i+1]})
	}
	return entries, nil
}
