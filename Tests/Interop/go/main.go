// A client of tokend that shares no code with it: containerd's ttrpc, with messages and stubs generated from Protocol/.
//
// Usage: client DIRECTORY, where tokend.sock and operator.sock are. It prints one line for each thing that it did;
// ../expected.txt says what the lines must be.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/golang/protobuf/ptypes/timestamp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	tokend "tokend/v1"
)

const year2100 = 4102444800

// client is one connection, with the services that are called on it.
type client struct {
	connection   *ttrpc.Client
	tokens       tokend.TokenServiceService
	verification tokend.VerificationServiceService
	operations   tokend.OperationsServiceService
	// timeoutNano is what the last request carried that had a deadline.
	timeoutNano int64
}

// dial connects. With a timeout every request carries that one in place of its context's, and the context doesn't end:
// so it is tokend and not this client that finds the deadline passed.
func dial(path string, timeout time.Duration) *client {
	connection, err := net.Dial("unix", path)
	check(err)
	c := &client{}
	c.connection = ttrpc.NewClient(connection, ttrpc.WithUnaryClientInterceptor(
		func(ctx context.Context, request *ttrpc.Request, response *ttrpc.Response, _ *ttrpc.UnaryClientInfo,
			invoke ttrpc.Invoker) error {
			if timeout != 0 {
				request.TimeoutNano = int64(timeout)
			}
			if _, hasDeadline := ctx.Deadline(); hasDeadline {
				c.timeoutNano = request.TimeoutNano
			}
			return invoke(ctx, request, response)
		}))
	c.tokens = tokend.NewTokenServiceClient(c.connection)
	c.verification = tokend.NewVerificationServiceClient(c.connection)
	c.operations = tokend.NewOperationsServiceClient(c.connection)
	return c
}

func main() {
	service := dial(filepath.Join(os.Args[1], "tokend.sock"), 0)
	operator := dial(filepath.Join(os.Args[1], "operator.sock"), 0)
	late := dial(filepath.Join(os.Args[1], "tokend.sock"), time.Nanosecond)
	nobody := context.Background()

	var answer health.HealthCheckResponse
	check(service.connection.Call(nobody, "grpc.health.v1.Health", "Check", &health.HealthCheckRequest{}, &answer))
	say("health: %v", answer.Status)

	// The first admin, and who it is by either way to name a caller.
	first, err := operator.operations.Bootstrap(
		nobody, &tokend.BootstrapRequest{WorkspaceId: "ws_interop", UserId: "alice"})
	check(err)
	say("bootstrap: %s", describe(first.Token, first.Secret))
	admin := bearer(first.Secret)
	who, err := service.tokens.WhoAmI(admin, &tokend.WhoAmIRequest{})
	check(err)
	say("bearer: %s in %s, %s, %v", who.PrincipalId, who.WorkspaceId, who.Role, who.CallerKind)
	who, err = operator.tokens.WhoAmI(
		ttrpc.WithMetadata(nobody, ttrpc.MD{"tokend-user": {"alice"}, "tokend-workspace": {"ws_interop"}}),
		&tokend.WhoAmIRequest{})
	check(err)
	say("delegated: %s in %s, %s, %v", who.PrincipalId, who.WorkspaceId, who.Role, who.CallerKind)

	// A token, with a deadline that is kept.
	request := &tokend.CreateTokenRequest{
		Name: "déploiement 🔑", Scopes: []string{"issues:read", "patterns:read"},
		ExpiresAt: &timestamp.Timestamp{Seconds: year2100}}
	soon, cancel := context.WithTimeout(admin, time.Minute)
	defer cancel()
	made, err := service.tokens.CreateToken(soon, request)
	check(err)
	say("create: %s", describe(made.Token, made.Secret))
	if service.timeoutNano <= 0 || service.timeoutNano > int64(time.Minute) {
		say("the request carried the timeout %d", service.timeoutNano)
	}

	// What it is good for.
	verify := func(secret string, workspace string, scopes ...string) *tokend.VerifyResponse {
		response, err := service.verification.Verify(
			nobody, &tokend.VerifyRequest{Token: secret, RequiredScopes: scopes, WorkspaceId: workspace})
		check(err)
		return response
	}
	valid := verify(made.Secret, "ws_interop", "issues:read")
	say("verify: %v %s %s in %s, %q %v until %d, same id %t", valid.Outcome, valid.Kind, valid.PrincipalId,
		valid.WorkspaceId, valid.TokenName, valid.Scopes, valid.ExpiresAt.GetSeconds(), valid.TokenId == made.Token.Id)
	lacking := verify(made.Secret, "", "issues:read", "audit:read")
	say("verify for more: %v, missing %v, scopes %v", lacking.Outcome, lacking.MissingScopes, lacking.Scopes)
	elsewhere := verify(made.Secret, "ws_other")
	say("verify elsewhere: %v, id %q", elsewhere.Outcome, elsewhere.TokenId)
	batch, err := service.verification.VerifyBatch(nobody, &tokend.VerifyBatchRequest{
		Requests: []*tokend.VerifyRequest{{Token: made.Secret}, {Token: "nonsense"}, {Token: first.Secret}}})
	check(err)
	var outcomes []string
	for _, response := range batch.Responses {
		outcomes = append(outcomes, response.Outcome.String()+" "+response.TokenName)
	}
	say("batch: %s", strings.Join(outcomes, ", "))
	verifyTogether(service, made.Secret)

	// What is refused.
	_, err = service.tokens.CreateToken(nobody, request)
	say("nobody creates: %s", refusal(err))
	_, err = service.tokens.CreateToken(admin, &tokend.CreateTokenRequest{})
	say("create nothing: %s", refusal(err))
	_, err = service.tokens.CreateToken(admin, request)
	say("create again: %s", refusal(err))
	_, err = service.tokens.CreateToken(
		bearer(made.Secret), &tokend.CreateTokenRequest{Name: "more", Scopes: []string{"issues:write"}})
	say("create more: %s", refusal(err))
	_, err = service.tokens.GetToken(admin, &tokend.GetTokenRequest{Id: "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV"})
	say("get another: %s", refusal(err))
	_, err = service.operations.Bootstrap(nobody, &tokend.BootstrapRequest{WorkspaceId: "ws_more", UserId: "alice"})
	say("service bootstraps: %s", refusal(err))
	err = service.connection.Call(nobody, "tokend.v1.TokenService", "Nonsense", request, &tokend.CreateTokenResponse{})
	say("unknown method: %s", refusal(err))
	_, err = late.tokens.CreateToken(admin, &tokend.CreateTokenRequest{Name: "late", Scopes: []string{"issues:read"}})
	say("create late: %s", refusal(err))

	// A new secret, and the end.
	rolled, err := service.tokens.RollToken(admin, &tokend.RollTokenRequest{Id: made.Token.Id})
	check(err)
	say("roll: %s, same id %t", describe(rolled.Token, rolled.Secret), rolled.Token.Id == made.Token.Id)
	say("verify old: %v", verify(made.Secret, "").Outcome)
	say("verify new: %v", verify(rolled.Secret, "").Outcome)
	revoked, err := service.tokens.RevokeToken(admin, &tokend.RevokeTokenRequest{Id: made.Token.Id})
	check(err)
	say("revoke: %v, at %t", revoked.Token.State, revoked.Token.RevokedAt.GetSeconds() > 0)
	say("verify revoked: %v", verify(rolled.Secret, "").Outcome)
	_, err = service.tokens.WhoAmI(bearer(rolled.Secret), &tokend.WhoAmIRequest{})
	say("revoked asks: %s", refusal(err))
	list, err := service.tokens.ListTokens(admin, &tokend.ListTokensRequest{PageSize: 2})
	check(err)
	var names []string
	for _, token := range list.Tokens {
		names = append(names, fmt.Sprintf("%q %v", token.Name, token.State))
	}
	say("list: %s, of %d, more %t", strings.Join(names, ", "), list.TotalSize, list.NextPageToken != "")
}

// verifyTogether makes more calls at once than a connection may have open, and says only what went wrong.
func verifyTogether(service *client, secret string) {
	var group sync.WaitGroup
	for i := 0; i < 500; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			response, err := tokend.NewVerificationServiceClient(service.connection).Verify(
				context.Background(), &tokend.VerifyRequest{Token: secret})
			if err != nil || response.Outcome != tokend.VerifyOutcome_VERIFY_OUTCOME_VALID {
				say("one of many: %v %v", response.GetOutcome(), err)
			}
		}()
	}
	group.Wait()
}

// bearer names a token's principal as the caller.
func bearer(secret string) context.Context {
	return ttrpc.WithMetadata(context.Background(), ttrpc.MD{"authorization": {"Bearer " + secret}})
}

// describe tells of a token and its new secret what is the same in every run, and that the two belong together.
func describe(token *tokend.Token, secret string) string {
	hint := secret[:5] + "…" + secret[len(secret)-4:]
	return fmt.Sprintf("%s %q of %s in %s, %v, %d scopes until %d, %v, secret of %d bytes, hint %t",
		token.Id, token.Name, token.OwnerId, token.WorkspaceId, token.Kind, len(token.Scopes),
		token.ExpiresAt.GetSeconds(), token.State, len(secret), token.Hint == hint)
}

// refusal tells what a refused call answered: the code, and of its details the reason, the facts and the fields.
func refusal(err error) string {
	answer, isStatus := status.FromError(err)
	if err == nil || !isStatus || answer.Message() == "" {
		return fmt.Sprintf("no status: %v", err)
	}
	words := []string{fmt.Sprint(uint32(answer.Code()))}
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			words = append(words, detail.Domain, detail.Reason)
			var facts []string
			for key, value := range detail.Metadata {
				facts = append(facts, key+"="+value)
			}
			sort.Strings(facts)
			words = append(words, facts...)
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				words = append(words, "field="+violation.Field)
			}
		default:
			words = append(words, fmt.Sprintf("unknown detail %v", detail))
		}
	}
	return strings.Join(words, " ")
}

func say(format string, values ...interface{}) { fmt.Printf(format+"\n", values...) }

func check(err error) {
	if err != nil {
		fmt.Printf("a call failed that must not: %v\n", refusal(err))
		os.Exit(1)
	}
}
