import { agents } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CreateDocument } from './operations/create-document.js';
import { DeleteDocument } from './operations/delete-document.js';
import { GetDocument } from './operations/get-document.js';
import { ListDocuments } from './operations/list-documents.js';

/** Every subject of agents' documents. */
@Controller()
export class DocumentsController {
  constructor(
    private readonly createDocumentOperation: CreateDocument,
    private readonly listDocumentsOperation: ListDocuments,
    private readonly getDocumentOperation: GetDocument,
    private readonly deleteDocumentOperation: DeleteDocument,
  ) {}

  @Handles(agents.createDocument)
  createDocument(request: PublicRequest<typeof agents.createDocument>) {
    return this.createDocumentOperation.execute(request);
  }

  @Handles(agents.listDocuments)
  listDocuments(request: PublicRequest<typeof agents.listDocuments>) {
    return this.listDocumentsOperation.execute(request);
  }

  @Handles(agents.getDocument)
  getDocument(request: PublicRequest<typeof agents.getDocument>) {
    return this.getDocumentOperation.execute(request);
  }

  @Handles(agents.deleteDocument)
  deleteDocument(request: PublicRequest<typeof agents.deleteDocument>) {
    return this.deleteDocumentOperation.execute(request);
  }
}
