import { type DynamicModule, Module } from '@nestjs/common';
import { KeyHasher } from './domain/key-hasher.js';
import { IdentityController } from './identity.controller.js';
import { CreateApiKey } from './operations/create-api-key.js';
import { CreatePartner } from './operations/create-partner.js';
import { CreatePartnerKey } from './operations/create-partner-key.js';
import { CreateWorkspace } from './operations/create-workspace.js';
import { InstallPartner } from './operations/install-partner.js';
import { ResolveCredential } from './operations/resolve-credential.js';
import { ResolveWorkspace } from './operations/resolve-workspace.js';
import { ApiKeyStore } from './storage/api-key-store.js';
import { CredentialStore } from './storage/credential-store.js';
import { Database } from './storage/database.js';
import { PartnerStore } from './storage/partner-store.js';
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
        ...[ResolveCredential, ResolveWorkspace],
        ...[CreateWorkspace, CreateApiKey, CreatePartner, CreatePartnerKey, InstallPartner],
      ],
    };
  }
}
