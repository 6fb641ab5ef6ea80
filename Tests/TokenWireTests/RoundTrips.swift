@testable import TokenWire

/// A message as it went through both directions: decoded, copied, encoded.
struct RoundTrip {
    var bytes: [UInt8]
    var copy: any WireMessage
}

/// For each message served now: decodes bytes, copies the view and encodes the copy.
///
/// A table of closures, because a protocol can't say yet that a type has a `~Escapable` view.
let roundTrips: [Substring: @Sendable ([UInt8]) throws(WireError) -> RoundTrip] = [
    "ttrpc.Request": { bytes throws(WireError) in trip(RequestEnvelope(copying: try RequestEnvelope.View(bytes.span)))
    },
    "ttrpc.Response": { bytes throws(WireError) in
        trip(ResponseEnvelope(copying: try ResponseEnvelope.View(bytes.span)))
    },
    "ttrpc.KeyValue": { bytes throws(WireError) in trip(KeyValue(copying: try KeyValue.View(bytes.span))) },
    "google.rpc.Status": { bytes throws(WireError) in trip(Status(copying: try Status.View(bytes.span))) },
    "google.rpc.ErrorInfo": { bytes throws(WireError) in trip(ErrorInfo(copying: try ErrorInfo.View(bytes.span))) },
    "google.rpc.BadRequest": { bytes throws(WireError) in trip(BadRequest(copying: try BadRequest.View(bytes.span))) },
    "google.rpc.BadRequest.FieldViolation": { bytes throws(WireError) in
        trip(FieldViolation(copying: try FieldViolation.View(bytes.span)))
    },
    "grpc.health.v1.HealthCheckRequest": { bytes throws(WireError) in
        trip(HealthCheckRequest(copying: try HealthCheckRequest.View(bytes.span)))
    },
    "grpc.health.v1.HealthCheckResponse": { bytes throws(WireError) in
        trip(HealthCheckResponse(copying: try HealthCheckResponse.View(bytes.span)))
    },
    "tokend.v1.VerifyRequest": { bytes throws(WireError) in
        trip(VerifyRequest(copying: try VerifyRequest.View(bytes.span)))
    },
    "tokend.v1.VerifyResponse": { bytes throws(WireError) in
        trip(VerifyResponse(copying: try VerifyResponse.View(bytes.span)))
    },
    "tokend.v1.VerifyBatchRequest": { bytes throws(WireError) in
        trip(VerifyBatchRequest(copying: try VerifyBatchRequest.View(bytes.span)))
    },
    "tokend.v1.VerifyBatchResponse": { bytes throws(WireError) in
        trip(VerifyBatchResponse(copying: try VerifyBatchResponse.View(bytes.span)))
    },
    "tokend.v1.Token": { bytes throws(WireError) in trip(Token(copying: try Token.View(bytes.span))) },
    "tokend.v1.ListScopesRequest": { bytes throws(WireError) in
        trip(ListScopesRequest(copying: try ListScopesRequest.View(bytes.span)))
    },
    "tokend.v1.ListScopesResponse": { bytes throws(WireError) in
        trip(ListScopesResponse(copying: try ListScopesResponse.View(bytes.span)))
    },
    "tokend.v1.ScopeGroup": { bytes throws(WireError) in trip(ScopeGroup(copying: try ScopeGroup.View(bytes.span))) },
    "tokend.v1.Scope": { bytes throws(WireError) in trip(Scope(copying: try Scope.View(bytes.span))) },
    "tokend.v1.WhoAmIRequest": { bytes throws(WireError) in
        trip(WhoAmIRequest(copying: try WhoAmIRequest.View(bytes.span)))
    },
    "tokend.v1.WhoAmIResponse": { bytes throws(WireError) in
        trip(WhoAmIResponse(copying: try WhoAmIResponse.View(bytes.span)))
    },
    "tokend.v1.CreateTokenRequest": { bytes throws(WireError) in
        trip(CreateTokenRequest(copying: try CreateTokenRequest.View(bytes.span)))
    },
    "tokend.v1.CreateTokenResponse": { bytes throws(WireError) in
        trip(CreateTokenResponse(copying: try CreateTokenResponse.View(bytes.span)))
    },
    "tokend.v1.ListTokensRequest": { bytes throws(WireError) in
        trip(ListTokensRequest(copying: try ListTokensRequest.View(bytes.span)))
    },
    "tokend.v1.ListTokensResponse": { bytes throws(WireError) in
        trip(ListTokensResponse(copying: try ListTokensResponse.View(bytes.span)))
    },
    "tokend.v1.GetTokenRequest": { bytes throws(WireError) in
        trip(GetTokenRequest(copying: try GetTokenRequest.View(bytes.span)))
    },
    "tokend.v1.GetTokenResponse": { bytes throws(WireError) in
        trip(GetTokenResponse(copying: try GetTokenResponse.View(bytes.span)))
    },
    "tokend.v1.RollTokenRequest": { bytes throws(WireError) in
        trip(RollTokenRequest(copying: try RollTokenRequest.View(bytes.span)))
    },
    "tokend.v1.RollTokenResponse": { bytes throws(WireError) in
        trip(RollTokenResponse(copying: try RollTokenResponse.View(bytes.span)))
    },
    "tokend.v1.RevokeTokenRequest": { bytes throws(WireError) in
        trip(RevokeTokenRequest(copying: try RevokeTokenRequest.View(bytes.span)))
    },
    "tokend.v1.RevokeTokenResponse": { bytes throws(WireError) in
        trip(RevokeTokenResponse(copying: try RevokeTokenResponse.View(bytes.span)))
    },
    "tokend.v1.RevokeSelfRequest": { bytes throws(WireError) in
        trip(RevokeSelfRequest(copying: try RevokeSelfRequest.View(bytes.span)))
    },
    "tokend.v1.RevokeSelfResponse": { bytes throws(WireError) in
        trip(RevokeSelfResponse(copying: try RevokeSelfResponse.View(bytes.span)))
    },
    "tokend.v1.AuditEvent": { bytes throws(WireError) in trip(AuditEvent(copying: try AuditEvent.View(bytes.span))) },
    "tokend.v1.ListEventsRequest": { bytes throws(WireError) in
        trip(ListEventsRequest(copying: try ListEventsRequest.View(bytes.span)))
    },
    "tokend.v1.ListEventsResponse": { bytes throws(WireError) in
        trip(ListEventsResponse(copying: try ListEventsResponse.View(bytes.span)))
    },
    "tokend.v1.GetStatusRequest": { bytes throws(WireError) in
        trip(GetStatusRequest(copying: try GetStatusRequest.View(bytes.span)))
    },
    "tokend.v1.GetStatusResponse": { bytes throws(WireError) in
        trip(GetStatusResponse(copying: try GetStatusResponse.View(bytes.span)))
    },
    "tokend.v1.BootstrapRequest": { bytes throws(WireError) in
        trip(BootstrapRequest(copying: try BootstrapRequest.View(bytes.span)))
    },
    "tokend.v1.BootstrapResponse": { bytes throws(WireError) in
        trip(BootstrapResponse(copying: try BootstrapResponse.View(bytes.span)))
    },
]

private func trip(_ copy: some WireMessage) -> RoundTrip {
    RoundTrip(bytes: copy.encoded(), copy: copy)
}

/// Messages that proto files have and that are not served yet. Shorten this list when one is.
let messagesNotServed: Set<Substring> = [
    "tokend.v1.BackupRequest",
    "tokend.v1.BackupResponse",
    "tokend.v1.CreateServiceAccountRequest",
    "tokend.v1.CreateServiceAccountResponse",
    "tokend.v1.DeleteServiceAccountRequest",
    "tokend.v1.DeleteServiceAccountResponse",
    "tokend.v1.GetCachePageRequest",
    "tokend.v1.GetCachePageResponse",
    "tokend.v1.GetMetricsRequest",
    "tokend.v1.GetMetricsResponse",
    "tokend.v1.GetServiceAccountRequest",
    "tokend.v1.GetServiceAccountResponse",
    "tokend.v1.ImportTokensRequest",
    "tokend.v1.ImportTokensResponse",
    "tokend.v1.ImportedToken",
    "tokend.v1.IssueServiceAccountTokenRequest",
    "tokend.v1.IssueServiceAccountTokenResponse",
    "tokend.v1.ListMembersRequest",
    "tokend.v1.ListMembersResponse",
    "tokend.v1.ListServiceAccountTokensRequest",
    "tokend.v1.ListServiceAccountTokensResponse",
    "tokend.v1.ListServiceAccountsRequest",
    "tokend.v1.ListServiceAccountsResponse",
    "tokend.v1.ListWorkspacesRequest",
    "tokend.v1.ListWorkspacesResponse",
    "tokend.v1.Member",
    "tokend.v1.PutMemberRequest",
    "tokend.v1.PutMemberResponse",
    "tokend.v1.ReloadRequest",
    "tokend.v1.ReloadResponse",
    "tokend.v1.RemoveMemberRequest",
    "tokend.v1.RemoveMemberResponse",
    "tokend.v1.ReportUsageRequest",
    "tokend.v1.ReportUsageResponse",
    "tokend.v1.RevokeServiceAccountTokenRequest",
    "tokend.v1.RevokeServiceAccountTokenResponse",
    "tokend.v1.RollServiceAccountTokenRequest",
    "tokend.v1.RollServiceAccountTokenResponse",
    "tokend.v1.ScopeSet",
    "tokend.v1.ServiceAccount",
    "tokend.v1.SetWorkspaceStateRequest",
    "tokend.v1.SetWorkspaceStateResponse",
    "tokend.v1.TailEventsRequest",
    "tokend.v1.TailEventsResponse",
    "tokend.v1.TokenUsage",
    "tokend.v1.UpdateServiceAccountRequest",
    "tokend.v1.UpdateServiceAccountResponse",
    "tokend.v1.VerifyChainRequest",
    "tokend.v1.VerifyChainResponse",
    "tokend.v1.Workspace",
]
