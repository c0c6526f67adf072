package gateway

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyslot/local/account"
)

// proxyEvent is what a function gets of a request, without the body.
func proxyEvent(r request, stage string, to route, parameters map[string]string) events.APIGatewayProxyRequest {
	headers := r.Header.Clone()
	headers.Set("Host", r.Host)
	headers.Set("X-Forwarded-For", strings.Join(append(headers["X-Forwarded-For"], r.source), ", "))
	if headers.Get("X-Forwarded-Proto") == "" { // a client's own is kept, to try what it does
		headers.Set("X-Forwarded-Proto", "https")
	}
	headers.Set("X-Forwarded-Port", "443")
	query := r.URL.Query()
	now := time.Now()
	return events.APIGatewayProxyRequest{
		Resource:                        to.Path,
		Path:                            r.URL.Path,
		HTTPMethod:                      r.Method,
		Headers:                         last(headers),
		MultiValueHeaders:               headers,
		QueryStringParameters:           last(query),
		MultiValueQueryStringParameters: query,
		PathParameters:                  parameters,
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID:        account.ID,
			APIID:            apiID,
			ResourceID:       "local",
			ResourcePath:     to.Path,
			Stage:            stage,
			Path:             "/" + stage + r.URL.Path,
			HTTPMethod:       r.Method,
			Protocol:         r.Proto,
			DomainName:       r.Host,
			RequestID:        r.id,
			RequestTime:      now.UTC().Format("02/Jan/2006:15:04:05 +0000"),
			RequestTimeEpoch: now.UnixMilli(),
			Identity:         events.APIGatewayRequestIdentity{SourceIP: r.source, UserAgent: r.UserAgent()},
		},
	}
}

// authorizerEvent is what a REQUEST authorizer gets of the same request.
func authorizerEvent(methodARN string, e events.APIGatewayProxyRequest) events.APIGatewayCustomAuthorizerRequestTypeRequest {
	return events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type:                            "REQUEST",
		MethodArn:                       methodARN,
		Resource:                        e.Resource,
		Path:                            e.Path,
		HTTPMethod:                      e.HTTPMethod,
		Headers:                         e.Headers,
		MultiValueHeaders:               e.MultiValueHeaders,
		QueryStringParameters:           e.QueryStringParameters,
		MultiValueQueryStringParameters: e.MultiValueQueryStringParameters,
		PathParameters:                  e.PathParameters,
		StageVariables:                  map[string]string{},
		RequestContext: events.APIGatewayCustomAuthorizerRequestTypeRequestContext{
			Path:         e.RequestContext.Path,
			AccountID:    e.RequestContext.AccountID,
			ResourceID:   e.RequestContext.ResourceID,
			Stage:        e.RequestContext.Stage,
			RequestID:    e.RequestContext.RequestID,
			ResourcePath: e.Resource,
			HTTPMethod:   e.HTTPMethod,
			APIID:        e.RequestContext.APIID,
			Identity: events.APIGatewayCustomAuthorizerRequestTypeRequestIdentity{
				SourceIP: e.RequestContext.Identity.SourceIP,
			},
		},
	}
}

// last returns the last value of each name, as single-value maps have it.
func last[M ~map[string][]string](all M) map[string]string {
	one := make(map[string]string, len(all))
	for name, values := range all {
		if len(values) > 0 {
			one[name] = values[len(values)-1]
		}
	}
	return one
}

var _ http.Handler = (*Gateway)(nil)
