// Package gateway plays the part of a REST API of API Gateway: it does what the real
// one does with the same template. Throttling and TLS are left out.
package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"keyslot/local/account"
	"keyslot/local/lambda"
	"keyslot/local/template"
)

// Limits of a REST API.
const (
	maxBody            = 10 << 20 // bytes
	maxHeader          = 10240    // bytes, of all headers together
	integrationTimeout = 29 * time.Second
)

// apiID is what the API is called in ARNs.
const apiID = "local"

// Invoke hands an event to a function, as [lambda.Service.Invoke] does.
type Invoke func(ctx context.Context, function string, payload []byte) (lambda.Result, error)

// A Gateway is the API of a template. It is an [http.Handler].
type Gateway struct {
	api    template.API
	routes []route
	invoke Invoke
	log    io.Writer
}

// New returns the API of a template, whose functions are called by invoke.
func New(t *template.Template, invoke Invoke, log io.Writer) *Gateway {
	g := &Gateway{api: t.API, invoke: invoke, log: log}
	for _, f := range t.Functions {
		for _, r := range f.Routes {
			g.routes = append(g.routes, route{r, f.ID, strings.Split(strings.TrimPrefix(r.Path, "/"), "/")})
		}
	}
	return g
}

// A request is a request on its way through the gateway.
type request struct {
	*http.Request
	id     string
	source string // address of the client: the TCP peer, whatever the headers say
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	req := request{Request: r, id: lambda.NewRequestID(), source: source}
	w.Header().Set("x-amzn-RequestId", req.id)
	if err := g.serve(w, req); err != nil {
		refusal, ok := errors.AsType[*refusal](err)
		if !ok {
			refusal = refuse("INTEGRATION_FAILURE", http.StatusBadGateway)
		}
		if refusal.status >= http.StatusInternalServerError {
			_, _ = fmt.Fprintf(g.log, "gateway %s %s: %v\n", r.Method, r.URL.Path, err)
		}
		g.respond(w, req, refusal)
	}
}

func (g *Gateway) serve(w http.ResponseWriter, r request) error {
	size := 0
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	if size > maxHeader {
		return refuse("DEFAULT_4XX", http.StatusRequestHeaderFieldsTooLarge)
	}
	matched, parameters, ok := g.match(r.Method, r.URL.EscapedPath())
	if !ok {
		return refuse("MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden)
	}
	event := proxyEvent(r, g.api.Stage, matched, parameters)
	if matched.Authorizer != "" {
		caller, err := g.authorize(r.Context(), matched.Authorizer, event)
		if err != nil {
			return err
		}
		event.RequestContext.Authorizer = caller
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return refuse("REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge)
		}
		return refuse("DEFAULT_4XX", http.StatusBadRequest)
	}
	event.Body = string(body)
	if !utf8.Valid(body) {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return g.integrate(w, r, matched.function, event)
}

// integrate calls a function and passes its answer on.
func (g *Gateway) integrate(w http.ResponseWriter, r request, function string, event events.APIGatewayProxyRequest) error {
	payload, err := json.Marshal(event)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), integrationTimeout)
	defer cancel()
	result, err := g.invoke(ctx, function, payload)
	if errors.Is(err, context.DeadlineExceeded) {
		return refuse("INTEGRATION_TIMEOUT", http.StatusGatewayTimeout)
	}
	if errors.Is(err, lambda.ErrTooLarge) {
		return refuse("REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return err
	}
	if result.Error != "" {
		return fmt.Errorf("%s: %s", function, result.Payload)
	}
	var answer events.APIGatewayProxyResponse
	if err := json.Unmarshal(result.Payload, &answer); err != nil || answer.StatusCode < 100 || answer.StatusCode > 599 {
		return fmt.Errorf("%s: malformed proxy response", function)
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil {
			return fmt.Errorf("%s: malformed proxy response", function)
		}
	}
	w.Header().Set("Content-Type", "application/json") // unless the function says another
	for name, value := range answer.Headers {
		w.Header().Set(outward(name), value)
	}
	for name, values := range answer.MultiValueHeaders {
		w.Header()[outward(name)] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body) // the client may be gone
	return nil
}

// own are the headers that the gateway sets itself.
var own = []string{"Connection", "Content-Length", "Date", "Server", "Trailer", "Transfer-Encoding", "Upgrade", "Www-Authenticate"}

// outward returns the name under which the client gets a header of a function.
func outward(name string) string {
	name = http.CanonicalHeaderKey(name)
	if slices.Contains(own, name) {
		return "X-Amzn-Remapped-" + name
	}
	return name
}

// A refusal is an answer of the gateway itself.
type refusal struct {
	kind   string // of the gateway response
	status int    // unless the response says another
}

func refuse(kind string, status int) *refusal { return &refusal{kind, status} }

func (r *refusal) Error() string { return r.kind }

// respond answers with the gateway response of a refusal, or the default one.
func (g *Gateway) respond(w http.ResponseWriter, r request, refused *refusal) {
	response, ok := g.api.Responses[refused.kind]
	if !ok && refused.status >= http.StatusInternalServerError {
		response = g.api.Responses["DEFAULT_5XX"]
	} else if !ok {
		response = g.api.Responses["DEFAULT_4XX"]
	}
	status := refused.status
	if response.Status != 0 {
		status = response.Status
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-ErrorType", refused.kind)
	for name, mapping := range response.Headers {
		if literal, ok := strings.CutPrefix(mapping, "'"); ok {
			w.Header().Set(name, strings.TrimSuffix(literal, "'"))
		} else if mapping == "context.requestId" {
			w.Header().Set(name, r.id)
		}
	}
	body := response.Body
	if body == "" {
		body = `{"message":null}`
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// methodARN names a method of the API, as policies do.
func methodARN(stage, method, path string) string {
	return "arn:aws:execute-api:" + account.Region + ":" + account.ID + ":" + apiID + "/" + stage + "/" + method + "/" + strings.TrimPrefix(path, "/")
}

// authorize asks an authorizer who calls. The context that it returns is what the
// function gets.
func (g *Gateway) authorize(ctx context.Context, function string, e events.APIGatewayProxyRequest) (map[string]any, error) {
	arn := methodARN(g.api.Stage, e.HTTPMethod, e.Path)
	payload, err := json.Marshal(authorizerEvent(arn, e))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), integrationTimeout)
	defer cancel()
	result, err := g.invoke(ctx, function, payload)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", refuse("AUTHORIZER_FAILURE", http.StatusInternalServerError), err)
	}
	if result.Error != "" {
		var failure struct {
			Message string `json:"errorMessage"`
		}
		if json.Unmarshal(result.Payload, &failure) == nil && failure.Message == "Unauthorized" {
			return nil, refuse("UNAUTHORIZED", http.StatusUnauthorized)
		}
		return nil, fmt.Errorf("%w: %s", refuse("AUTHORIZER_FAILURE", http.StatusInternalServerError), result.Payload)
	}
	a, err := parseAuthorization(result.Payload)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", refuse("AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError), err)
	}
	if !a.allows(arn) {
		return nil, refuse("ACCESS_DENIED", http.StatusForbidden)
	}
	caller := maps.Clone(a.Context)
	if caller == nil {
		caller = map[string]any{}
	}
	caller["principalId"] = a.PrincipalID
	return caller, nil
}
