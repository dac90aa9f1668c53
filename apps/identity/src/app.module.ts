import { type DynamicModule, Module } from '@nestjs/common';
import { KeyHasher } from './domain/key-hasher.js';
import { IdentityController } from './identity.controller.js';
import { CreateApiKey } from './operations/create-api-key.js';
import { CreatePartner } from './operations/create-partner.js';
import { CreatePartnerKey } from './operations/create-partner-key.js';
import { CreateWorkspace } from './operations/create-workspace.js';
import { FindWorkspace } from './operations/find-workspace.js';
import { InstallPartner } from './operations/install-partner.js';
import { ListPartners } from './operations/list-partners.js';
import { ListWorkspaceKeys } from './operations/list-workspace-keys.js';
import { ListWorkspaces } from './operations/list-workspaces.js';
import { ResolveCredential } from './operations/resolve-credential.js';
import { ResolveWorkspace } from './operations/resolve-workspace.js';
import { RevokeWorkspaceKey } from './operations/revoke-workspace-key.js';
import { SetPartnerStatus } from './operations/set-partner-status.js';
import { SetWorkspaceTier } from './operations/set-workspace-tier.js';
import { ApiKeyStore } from './storage/api-key-store.js';
import { CredentialStore } from './storage/credential-store.js';
import { Database } from './storage/database.js';
import { KeyRegister } from './storage/key-register.js';
import { PartnerRegister } from './storage/partner-register.js';
import { PartnerStore } from './storage/partner-store.js';
import { WorkspaceRegister } from './storage/workspace-register.js';
import { WorkspaceStore } from './storage/workspace-store.js';

@Module({})
export class AppModule {
  /** The module closes `database` when the app stops. */
  static register(database: Database, hasher: KeyHasher): DynamicModule {
    return {
      module: AppModule,
      controllers: [IdentityController],
      providers: [
        { provide: Database, useValue: database },
        { provide: KeyHasher, useValue: hasher },
        ...[ApiKeyStore, CredentialStore, PartnerStore, WorkspaceStore],
        ...[KeyRegister, PartnerRegister, WorkspaceRegister],
        ...[ResolveCredential, ResolveWorkspace],
        ...[CreateWorkspace, CreateApiKey, CreatePartner, CreatePartnerKey, InstallPartner],
        ...[FindWorkspace, ListWorkspaces, SetWorkspaceTier, ListWorkspaceKeys, RevokeWorkspaceKey],
        ...[ListPartners, SetPartnerStatus],
      ],
    };
  }
}
