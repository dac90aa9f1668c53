import { identity } from '@magistry/contracts';
import { AnswerSeal } from '@magistry/idempotency';
import { Broadcaster, Caller, type NatsConnection } from '@magistry/messaging';
import { AuditOutbox, AuditRelays } from '@magistry/outbox';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { CoreController } from './core.controller.js';
import { Clock } from './domain/clock.js';
import { UpgradeUrl } from './domain/entitlements.js';
import { KeyHasher } from './domain/key-hasher.js';
import { PublicAddress } from './domain/public-address.js';
import { IdentityController } from './identity.controller.js';
import { AuthorizationServer } from './oauth/authorization-server.js';
import { Authorizations } from './oauth/authorizations.js';
import { type HttpPart, HttpPort, type HttpPortSettings } from './oauth/http-port.js';
import { InitialAccess } from './oauth/initial-access.js';
import { Jwks } from './oauth/jwks.js';
import { RefreshGrant } from './oauth/refresh-grant.js';
import { RefreshTokens } from './oauth/refresh-tokens.js';
import { Revocations } from './oauth/revocations.js';
import { OAuthSecrets } from './oauth/secrets.js';
import { SigningKeys } from './oauth/signing-keys.js';
import { AcceptInvitation } from './operations/accept-invitation.js';
import { AdmitPartner } from './operations/admit-partner.js';
import { AdmitUser } from './operations/admit-user.js';
import { ApplyAsPartner } from './operations/apply-as-partner.js';
import { CheckEntitlement } from './operations/check-entitlement.js';
import { CreateApiKey } from './operations/create-api-key.js';
import { CreateInvitation } from './operations/create-invitation.js';
import { CreateOauthClient } from './operations/create-oauth-client.js';
import { CreatePartner } from './operations/create-partner.js';
import { CreatePartnerKey } from './operations/create-partner-key.js';
import { CreateServiceCredential } from './operations/create-service-credential.js';
import { CreateWorkspace } from './operations/create-workspace.js';
import { DeleteWorkspace } from './operations/delete-workspace.js';
import { FindWorkspace } from './operations/find-workspace.js';
import { GetApiKey } from './operations/get-api-key.js';
import { GetCredentialEpoch } from './operations/get-credential-epoch.js';
import { GetHttpAddress } from './operations/get-http-address.js';
import { GetUsageSummary } from './operations/get-usage-summary.js';
import { GetWorkspace } from './operations/get-workspace.js';
import { InstallPartner } from './operations/install-partner.js';
import { IssueApiKey } from './operations/issue-api-key.js';
import { IssuePartnerKey } from './operations/issue-partner-key.js';
import { ListApiKeys } from './operations/list-api-keys.js';
import { ListInvitations } from './operations/list-invitations.js';
import { ListMembers } from './operations/list-members.js';
import { ListPartnerKeys } from './operations/list-partner-keys.js';
import { ListPartners } from './operations/list-partners.js';
import { ListReachableWorkspaces } from './operations/list-reachable-workspaces.js';
import { ListRegisteredPartners } from './operations/list-registered-partners.js';
import { ListServiceCredentials } from './operations/list-service-credentials.js';
import { ListWorkspaceKeys } from './operations/list-workspace-keys.js';
import { ListWorkspaces } from './operations/list-workspaces.js';
import { LogIn } from './operations/log-in.js';
import { MintServiceToken } from './operations/mint-service-token.js';
import { OpenSandbox } from './operations/open-sandbox.js';
import { OpenWorkspace } from './operations/open-workspace.js';
import { ReadOutbox } from './operations/read-outbox.js';
import { RecordKeyUses } from './operations/record-key-uses.js';
import { RecordUsage } from './operations/record-usage.js';
import { RemoveMember } from './operations/remove-member.js';
import { ResolveCredential } from './operations/resolve-credential.js';
import { ResolveServiceKey } from './operations/resolve-service-key.js';
import { ResolveWorkspace } from './operations/resolve-workspace.js';
import { RevokeApiKey } from './operations/revoke-api-key.js';
import { RevokePartnerKey } from './operations/revoke-partner-key.js';
import { RevokeServiceCredential } from './operations/revoke-service-credential.js';
import { RevokeWorkspaceKey } from './operations/revoke-workspace-key.js';
import { RotateApiKey } from './operations/rotate-api-key.js';
import { RotateServiceCredential } from './operations/rotate-service-credential.js';
import { SetPartnerStatus } from './operations/set-partner-status.js';
import { SetWorkspaceTier } from './operations/set-workspace-tier.js';
import { SignUp } from './operations/sign-up.js';
import { SpendBuildCredit } from './operations/spend-build-credit.js';
import { UninstallPartner } from './operations/uninstall-partner.js';
import { UpdateMember } from './operations/update-member.js';
import { UpdateWorkspace } from './operations/update-workspace.js';
import { WithdrawInvitation } from './operations/withdraw-invitation.js';
import { AccountPages } from './pages/account.pages.js';
import { BrowserLogins } from './pages/browser-logins.js';
import { Desk } from './pages/desk.js';
import { FormGuard } from './pages/form-guard.js';
import { InteractionPages } from './pages/interaction.pages.js';
import { InvitationPages } from './pages/invitation.pages.js';
import { KeysPages } from './pages/keys.pages.js';
import { MembersPages } from './pages/members.pages.js';
import { Pages } from './pages/pages.js';
import { PartnersPages } from './pages/partners.pages.js';
import { SignUpPages } from './pages/sign-up.pages.js';
import { PartnersController } from './partners.controller.js';
import { LoginSubjects } from './people/login-subjects.js';
import { Mail, type MailSettings } from './people/mail.js';
import { Passwords } from './people/passwords.js';
import { PeopleController } from './people.controller.js';
import { SandboxSamples } from './sandbox/sandbox-samples.js';
import { ServiceCredentialsController } from './service-credentials.controller.js';
import { PublishedServiceKeys } from './service-tokens/published-service-keys.js';
import { ServiceKeys } from './service-tokens/service-keys.js';
import { AccountStore } from './storage/account-store.js';
import { AcrossWorkspaces } from './storage/across-workspaces.js';
import { ApiKeyRecords } from './storage/api-key-records.js';
import { ApiKeyStore } from './storage/api-key-store.js';
import { CredentialEpoch } from './storage/credential-epoch.js';
import { CredentialRefusals } from './storage/credential-refusals.js';
import { CredentialStore } from './storage/credential-store.js';
import { CredentialUses } from './storage/credential-uses.js';
import { Database } from './storage/database.js';
import { Housekeeping } from './storage/housekeeping.js';
import { InvitationRecords } from './storage/invitation-records.js';
import { InvitationStore } from './storage/invitation-store.js';
import { KeyRegister } from './storage/key-register.js';
import { KeyedWrites } from './storage/keyed-writes.js';
import { LoginFailures } from './storage/login-failures.js';
import { MemberRecords } from './storage/member-records.js';
import { MembershipStore } from './storage/membership-store.js';
import { OAuthClientStore } from './storage/oauth-client-store.js';
import { OAuthExpiry } from './storage/oauth-expiry.js';
import { OAuthGrantStore } from './storage/oauth-grant-store.js';
import { OAuthRecordStore } from './storage/oauth-record-store.js';
import { OAuthSigningKeyStore } from './storage/oauth-signing-key-store.js';
import { OAuthTokenStore } from './storage/oauth-token-store.js';
import { PartnerRegister } from './storage/partner-register.js';
import { PartnerStore } from './storage/partner-store.js';
import { RegisteredPartners } from './storage/registered-partners.js';
import { SandboxStore } from './storage/sandbox-store.js';
import { ServiceCredentialRecords } from './storage/service-credential-records.js';
import { ServiceKeyStore } from './storage/service-key-store.js';
import { UsageStore } from './storage/usage-store.js';
import { WorkspaceRecords } from './storage/workspace-records.js';
import { WorkspaceRegister } from './storage/workspace-register.js';
import { WorkspaceStore } from './storage/workspace-store.js';

export interface IdentityOptions {
  readonly nats: NatsConnection;
  /** Closed when the app stops. */
  readonly database: Database;
  readonly keyPepper: string;
  readonly sealingSecret: string;
  /** Where users reach the gateway, without a slash at the end. */
  readonly baseUrl: string;
  readonly upgradeUrl: string;
  /** Whom the tokens of service credentials are for. */
  readonly tokenAudience: string;
  readonly http: HttpPortSettings;
  readonly mail: MailSettings;
  readonly now: () => number;
}

@Module({})
export class AppModule {
  static with(options: IdentityOptions): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        ...[IdentityController, CoreController, PartnersController, PeopleController],
        ServiceCredentialsController,
      ],
      providers: [
        provide(Database, options.database),
        provide(AcrossWorkspaces, options.database.across),
        provide(KeyHasher, new KeyHasher(options.keyPepper)),
        provide(AnswerSeal, new AnswerSeal(options.sealingSecret)),
        provide(Broadcaster, new Broadcaster(options.nats)),
        provide(Clock, new Clock(options.now)),
        provide(AuditOutbox, new AuditOutbox(options.now)),
        provide(PublicAddress, new PublicAddress(options.baseUrl)),
        provide(UpgradeUrl, new UpgradeUrl(options.upgradeUrl)),
        provide(Caller, new Caller(options.nats)),
        ...[SandboxStore, SandboxSamples, RegisteredPartners],
        provide(
          AuditRelays,
          new AuditRelays(options.nats, options.database.across, {
            service: 'identity',
            shards: identity.AUDIT_SHARDS,
          }),
        ),
        provide(Mail, new Mail(options.mail)),
        provide(LoginSubjects, new LoginSubjects(options.keyPepper)),
        ...[ApiKeyStore, CredentialStore, PartnerStore, WorkspaceStore, KeyedWrites, Housekeeping],
        ...[CredentialRefusals, CredentialUses, ApiKeyRecords, CredentialEpoch, UsageStore, WorkspaceRecords],
        ...[KeyRegister, PartnerRegister, WorkspaceRegister],
        ...[OAuthExpiry, OAuthClientStore, OAuthGrantStore, OAuthRecordStore, OAuthSigningKeyStore],
        ...[OAuthTokenStore, AuthorizationServer, Authorizations, InitialAccess, Jwks, RefreshGrant],
        ...[RefreshTokens, Revocations, SigningKeys, GetHttpAddress, CreateOauthClient],
        provide(OAuthSecrets, new OAuthSecrets(options.sealingSecret)),
        {
          provide: HttpPort,
          // The first that takes a path answers it.
          useFactory: (address: PublicAddress, ...parts: HttpPart[]) =>
            new HttpPort(options.http, address, parts),
          inject: [PublicAddress, Jwks, Pages, AuthorizationServer],
        },
        ...[Pages, FormGuard, BrowserLogins, Desk, InteractionPages, SignUpPages, InvitationPages],
        ...[AccountPages, KeysPages, PartnersPages, MembersPages],
        ...[AccountStore, InvitationRecords, InvitationStore, LoginFailures],
        ...[MemberRecords, MembershipStore, Passwords],
        ...[ResolveCredential, ResolveWorkspace, GetCredentialEpoch, RecordKeyUses, ReadOutbox],
        ...[CreateWorkspace, CreateApiKey, CreatePartner, CreatePartnerKey, InstallPartner],
        ...[FindWorkspace, ListWorkspaces, SetWorkspaceTier, ListWorkspaceKeys, RevokeWorkspaceKey],
        ...[ListPartners, SetPartnerStatus],
        ...[ListReachableWorkspaces, GetWorkspace, OpenWorkspace, UpdateWorkspace, DeleteWorkspace],
        ...[ListApiKeys, GetApiKey, IssueApiKey, RotateApiKey, RevokeApiKey],
        provide(ServiceKeys, serviceKeys(options)),
        ...[ServiceCredentialRecords, ServiceKeyStore, PublishedServiceKeys, ResolveServiceKey],
        ...[ListServiceCredentials, CreateServiceCredential, MintServiceToken],
        ...[RotateServiceCredential, RevokeServiceCredential],
        ...[ApplyAsPartner, OpenSandbox, IssuePartnerKey, AdmitPartner, UninstallPartner],
        ...[ListRegisteredPartners, ListPartnerKeys, RevokePartnerKey, SpendBuildCredit],
        ...[CheckEntitlement, RecordUsage, GetUsageSummary],
        ...[AdmitUser, ListMembers, UpdateMember, RemoveMember],
        ...[CreateInvitation, ListInvitations, WithdrawInvitation],
        ...[SignUp, LogIn, AcceptInvitation],
      ],
    };
  }
}

function serviceKeys({ sealingSecret, baseUrl, tokenAudience }: IdentityOptions): ServiceKeys {
  return new ServiceKeys(sealingSecret, { issuer: baseUrl, audience: tokenAudience });
}

function provide<Class>(type: Type<Class>, value: Class): Provider {
  return { provide: type, useValue: value };
}
