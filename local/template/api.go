package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// apiProperties are those of the API.
type apiProperties struct {
	StageName string
	Auth      struct {
		DefaultAuthorizer string
		Authorizers       map[string]authorizer
	}
	GatewayResponses map[string]gatewayResponse
	Cors             any

	id string
}

var apiIgnored = []string{"Description", "EndpointConfiguration", "Name", "OpenApiVersion", "Tags", "TracingEnabled"}

// An authorizer is one entry of Auth.Authorizers.
type authorizer struct {
	FunctionArn         string
	FunctionPayloadType string
	Identity            struct{ ReauthorizeEvery int }
}

// A gatewayResponse is one entry of GatewayResponses.
type gatewayResponse struct {
	StatusCode         int
	ResponseParameters struct{ Headers map[string]string }
	ResponseTemplates  map[string]string // by media type
}

// responseTypes are the kinds of gateway responses.
var responseTypes = []string{
	"ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "BAD_REQUEST_BODY",
	"BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT",
	"INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE",
	"RESOURCE_NOT_FOUND", "THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
}

func (r *resolver) api(res resource) (*apiProperties, error) {
	p := &apiProperties{id: res.id}
	if err := r.decode(res.properties, p, apiIgnored...); err != nil {
		return nil, err
	}
	if p.Cors != nil {
		return nil, errors.New("property Cors is not supported yet")
	}
	if p.StageName == "" {
		return nil, errors.New("StageName is missing")
	}
	return p, nil
}

// authorizers returns the function of each authorizer, by name; under "" that of a
// route which names none, if there is a default.
func (p *apiProperties) authorizers(resources []resource) (map[string]string, error) {
	all := map[string]string{}
	for name, a := range p.Auth.Authorizers {
		switch {
		case a.FunctionPayloadType != "REQUEST":
			return nil, fmt.Errorf("authorizer %s: payload type %q is not supported", name, a.FunctionPayloadType)
		case a.Identity.ReauthorizeEvery != 0:
			return nil, fmt.Errorf("authorizer %s: a cache (ReauthorizeEvery) is not supported", name)
		}
		for _, res := range resources {
			if res.kind == kindFunction && a.FunctionArn == functionARN(res.id) {
				all[name] = res.id
			}
		}
		if all[name] == "" {
			return nil, fmt.Errorf("authorizer %s: %q is no function of this template", name, a.FunctionArn)
		}
	}
	if name := p.Auth.DefaultAuthorizer; name != "" {
		function, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("there is no authorizer %q", name)
		}
		all[""] = function
	}
	return all, nil
}

func (p *apiProperties) result() (API, error) {
	api := API{ID: p.id, Stage: p.StageName, Responses: map[string]Response{}}
	for kind, g := range p.GatewayResponses {
		if !slices.Contains(responseTypes, kind) {
			return API{}, fmt.Errorf("there is no gateway response %s", kind)
		}
		for name, mapping := range g.ResponseParameters.Headers {
			isText := len(mapping) > 1 && strings.HasPrefix(mapping, "'") && strings.HasSuffix(mapping, "'")
			if !isText && mapping != "context.requestId" {
				return API{}, fmt.Errorf("gateway response %s: mapping %s of header %s is not supported yet", kind, mapping, name)
			}
		}
		for media, body := range g.ResponseTemplates {
			if media != "application/json" {
				return API{}, fmt.Errorf("gateway response %s: media type %s is not supported", kind, media)
			}
			if strings.Contains(body, "$") {
				return API{}, fmt.Errorf("gateway response %s: variables in a template are not supported yet", kind)
			}
		}
		api.Responses[kind] = Response{
			Status:  g.StatusCode,
			Headers: g.ResponseParameters.Headers,
			Body:    g.ResponseTemplates["application/json"],
		}
	}
	return api, nil
}
