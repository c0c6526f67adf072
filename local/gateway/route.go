package gateway

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"keyslot/local/template"
)

// A route is one method of the API.
type route struct {
	template.Route
	function string
	parts    []string // of the path
}

// How a part of a route's path may match, the closest first.
const (
	literal = iota
	parameter
	greedy // the rest of the path
)

// part returns how a part of a route's path matches, and the name of its parameter.
func part(text string) (kind int, name string) {
	name, ok := strings.CutPrefix(text, "{")
	if !ok {
		return literal, ""
	}
	name = strings.TrimSuffix(name, "}")
	if name, ok = strings.CutSuffix(name, "+"); ok {
		return greedy, name
	}
	return parameter, name
}

// match finds the route of a request and the values of its parameters. Of several
// paths that fit, the one that fits more closely has it, from left to right; if that
// one lacks the method, no other is asked.
func (g *Gateway) match(method, path string) (route, map[string]string, bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var fitting []route
	for _, r := range g.routes {
		if _, ok := r.parameters(parts); ok {
			fitting = append(fitting, r)
		}
	}
	slices.SortStableFunc(fitting, compare)
	for _, want := range []string{method, "ANY"} {
		for _, r := range fitting {
			if r.Method == want && compare(r, fitting[0]) == 0 {
				parameters, _ := r.parameters(parts)
				return r, parameters, true
			}
		}
	}
	return route{}, nil, false
}

// compare tells which of two routes that fit one path fits more closely.
func compare(a, b route) int {
	return slices.CompareFunc(a.parts, b.parts, func(a, b string) int {
		kindA, _ := part(a)
		kindB, _ := part(b)
		return cmp.Compare(kindA, kindB)
	})
}

// parameters matches a path, part by part, and returns the values of its parameters.
func (r route) parameters(parts []string) (map[string]string, bool) {
	values := map[string]string{}
	for i, want := range r.parts {
		if i >= len(parts) {
			return nil, false
		}
		kind, name := part(want)
		switch {
		case kind == greedy:
			values[name] = strings.Join(parts[i:], "/")
			return values, true
		case kind == literal && want != parts[i], kind == parameter && parts[i] == "":
			return nil, false
		case kind == parameter:
			values[name] = unescape(parts[i])
		}
	}
	return values, len(parts) == len(r.parts)
}

// unescape decodes a part of a path; what cannot be decoded stays as it is.
func unescape(text string) string {
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}
