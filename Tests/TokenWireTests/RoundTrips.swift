@testable import TokenWire

/// A message as it went through both directions: decoded, copied, encoded.
struct RoundTrip {
    var bytes: [UInt8]
    var copy: any WireMessage
}

/// For each message that has a codec: decodes bytes, copies the view and encodes the copy.
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
    "tokend.v1.GetCachePageRequest": { bytes throws(WireError) in
        trip(GetCachePageRequest(copying: try GetCachePageRequest.View(bytes.span)))
    },
    "tokend.v1.GetCachePageResponse": { bytes throws(WireError) in
        trip(GetCachePageResponse(copying: try GetCachePageResponse.View(bytes.span)))
    },
    "tokend.v1.ReportUsageRequest": { bytes throws(WireError) in
        trip(ReportUsageRequest(copying: try ReportUsageRequest.View(bytes.span)))
    },
    "tokend.v1.ReportUsageResponse": { bytes throws(WireError) in
        trip(ReportUsageResponse(copying: try ReportUsageResponse.View(bytes.span)))
    },
    "tokend.v1.TokenUsage": { bytes throws(WireError) in
        trip(TokenUsage(copying: try TokenUsage.View(bytes.span)))
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
    "tokend.v1.SettingValue": { bytes throws(WireError) in
        trip(SettingValue(copying: try SettingValue.View(bytes.span)))
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
    "tokend.v1.CreateServiceAccountRequest": { bytes throws(WireError) in
        trip(CreateServiceAccountRequest(copying: try CreateServiceAccountRequest.View(bytes.span)))
    },
    "tokend.v1.CreateServiceAccountResponse": { bytes throws(WireError) in
        trip(CreateServiceAccountResponse(copying: try CreateServiceAccountResponse.View(bytes.span)))
    },
    "tokend.v1.DeleteServiceAccountRequest": { bytes throws(WireError) in
        trip(DeleteServiceAccountRequest(copying: try DeleteServiceAccountRequest.View(bytes.span)))
    },
    "tokend.v1.DeleteServiceAccountResponse": { bytes throws(WireError) in
        trip(DeleteServiceAccountResponse(copying: try DeleteServiceAccountResponse.View(bytes.span)))
    },
    "tokend.v1.GetMetricsRequest": { bytes throws(WireError) in
        trip(GetMetricsRequest(copying: try GetMetricsRequest.View(bytes.span)))
    },
    "tokend.v1.GetMetricsResponse": { bytes throws(WireError) in
        trip(GetMetricsResponse(copying: try GetMetricsResponse.View(bytes.span)))
    },
    "tokend.v1.GetServiceAccountRequest": { bytes throws(WireError) in
        trip(GetServiceAccountRequest(copying: try GetServiceAccountRequest.View(bytes.span)))
    },
    "tokend.v1.GetServiceAccountResponse": { bytes throws(WireError) in
        trip(GetServiceAccountResponse(copying: try GetServiceAccountResponse.View(bytes.span)))
    },
    "tokend.v1.ImportTokensRequest": { bytes throws(WireError) in
        trip(ImportTokensRequest(copying: try ImportTokensRequest.View(bytes.span)))
    },
    "tokend.v1.ImportTokensResponse": { bytes throws(WireError) in
        trip(ImportTokensResponse(copying: try ImportTokensResponse.View(bytes.span)))
    },
    "tokend.v1.ImportedToken": { bytes throws(WireError) in
        trip(ImportedToken(copying: try ImportedToken.View(bytes.span)))
    },
    "tokend.v1.IssueServiceAccountTokenRequest": { bytes throws(WireError) in
        trip(IssueServiceAccountTokenRequest(copying: try IssueServiceAccountTokenRequest.View(bytes.span)))
    },
    "tokend.v1.IssueServiceAccountTokenResponse": { bytes throws(WireError) in
        trip(IssueServiceAccountTokenResponse(copying: try IssueServiceAccountTokenResponse.View(bytes.span)))
    },
    "tokend.v1.ListMembersRequest": { bytes throws(WireError) in
        trip(ListMembersRequest(copying: try ListMembersRequest.View(bytes.span)))
    },
    "tokend.v1.ListMembersResponse": { bytes throws(WireError) in
        trip(ListMembersResponse(copying: try ListMembersResponse.View(bytes.span)))
    },
    "tokend.v1.ListServiceAccountTokensRequest": { bytes throws(WireError) in
        trip(ListServiceAccountTokensRequest(copying: try ListServiceAccountTokensRequest.View(bytes.span)))
    },
    "tokend.v1.ListServiceAccountTokensResponse": { bytes throws(WireError) in
        trip(ListServiceAccountTokensResponse(copying: try ListServiceAccountTokensResponse.View(bytes.span)))
    },
    "tokend.v1.ListServiceAccountsRequest": { bytes throws(WireError) in
        trip(ListServiceAccountsRequest(copying: try ListServiceAccountsRequest.View(bytes.span)))
    },
    "tokend.v1.ListServiceAccountsResponse": { bytes throws(WireError) in
        trip(ListServiceAccountsResponse(copying: try ListServiceAccountsResponse.View(bytes.span)))
    },
    "tokend.v1.ListWorkspacesRequest": { bytes throws(WireError) in
        trip(ListWorkspacesRequest(copying: try ListWorkspacesRequest.View(bytes.span)))
    },
    "tokend.v1.ListWorkspacesResponse": { bytes throws(WireError) in
        trip(ListWorkspacesResponse(copying: try ListWorkspacesResponse.View(bytes.span)))
    },
    "tokend.v1.Member": { bytes throws(WireError) in trip(Member(copying: try Member.View(bytes.span))) },
    "tokend.v1.PutMemberRequest": { bytes throws(WireError) in
        trip(PutMemberRequest(copying: try PutMemberRequest.View(bytes.span)))
    },
    "tokend.v1.PutMemberResponse": { bytes throws(WireError) in
        trip(PutMemberResponse(copying: try PutMemberResponse.View(bytes.span)))
    },
    "tokend.v1.BackupRequest": { bytes throws(WireError) in
        trip(BackupRequest(copying: try BackupRequest.View(bytes.span)))
    },
    "tokend.v1.BackupResponse": { bytes throws(WireError) in
        trip(BackupResponse(copying: try BackupResponse.View(bytes.span)))
    },
    "tokend.v1.ReloadRequest": { bytes throws(WireError) in
        trip(ReloadRequest(copying: try ReloadRequest.View(bytes.span)))
    },
    "tokend.v1.ReloadResponse": { bytes throws(WireError) in
        trip(ReloadResponse(copying: try ReloadResponse.View(bytes.span)))
    },
    "tokend.v1.RemoveMemberRequest": { bytes throws(WireError) in
        trip(RemoveMemberRequest(copying: try RemoveMemberRequest.View(bytes.span)))
    },
    "tokend.v1.RemoveMemberResponse": { bytes throws(WireError) in
        trip(RemoveMemberResponse(copying: try RemoveMemberResponse.View(bytes.span)))
    },
    "tokend.v1.RevokeServiceAccountTokenRequest": { bytes throws(WireError) in
        trip(RevokeServiceAccountTokenRequest(copying: try RevokeServiceAccountTokenRequest.View(bytes.span)))
    },
    "tokend.v1.RevokeServiceAccountTokenResponse": { bytes throws(WireError) in
        trip(RevokeServiceAccountTokenResponse(copying: try RevokeServiceAccountTokenResponse.View(bytes.span)))
    },
    "tokend.v1.RollServiceAccountTokenRequest": { bytes throws(WireError) in
        trip(RollServiceAccountTokenRequest(copying: try RollServiceAccountTokenRequest.View(bytes.span)))
    },
    "tokend.v1.RollServiceAccountTokenResponse": { bytes throws(WireError) in
        trip(RollServiceAccountTokenResponse(copying: try RollServiceAccountTokenResponse.View(bytes.span)))
    },
    "tokend.v1.ScopeList": { bytes throws(WireError) in trip(ScopeList(copying: try ScopeList.View(bytes.span))) },
    "tokend.v1.ServiceAccount": { bytes throws(WireError) in
        trip(ServiceAccount(copying: try ServiceAccount.View(bytes.span)))
    },
    "tokend.v1.SetWorkspaceStateRequest": { bytes throws(WireError) in
        trip(SetWorkspaceStateRequest(copying: try SetWorkspaceStateRequest.View(bytes.span)))
    },
    "tokend.v1.SetWorkspaceStateResponse": { bytes throws(WireError) in
        trip(SetWorkspaceStateResponse(copying: try SetWorkspaceStateResponse.View(bytes.span)))
    },
    "tokend.v1.TailEventsRequest": { bytes throws(WireError) in
        trip(TailEventsRequest(copying: try TailEventsRequest.View(bytes.span)))
    },
    "tokend.v1.TailEventsResponse": { bytes throws(WireError) in
        trip(TailEventsResponse(copying: try TailEventsResponse.View(bytes.span)))
    },
    "tokend.v1.UpdateServiceAccountRequest": { bytes throws(WireError) in
        trip(UpdateServiceAccountRequest(copying: try UpdateServiceAccountRequest.View(bytes.span)))
    },
    "tokend.v1.UpdateServiceAccountResponse": { bytes throws(WireError) in
        trip(UpdateServiceAccountResponse(copying: try UpdateServiceAccountResponse.View(bytes.span)))
    },
    "tokend.v1.VerifyChainRequest": { bytes throws(WireError) in
        trip(VerifyChainRequest(copying: try VerifyChainRequest.View(bytes.span)))
    },
    "tokend.v1.VerifyChainResponse": { bytes throws(WireError) in
        trip(VerifyChainResponse(copying: try VerifyChainResponse.View(bytes.span)))
    },
    "tokend.v1.Workspace": { bytes throws(WireError) in trip(Workspace(copying: try Workspace.View(bytes.span))) },
]

private func trip(_ copy: some WireMessage) -> RoundTrip {
    RoundTrip(bytes: copy.encoded(), copy: copy)
}
