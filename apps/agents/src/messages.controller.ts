import { agents } from '@magistry/contracts';
import { Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { CancelMessage } from './operations/cancel-message.js';
import { GetMessageEvents } from './operations/get-message-events.js';
import { ListMessages } from './operations/list-messages.js';
import { SendMessage } from './operations/send-message.js';

/** Every subject of messages. */
@Controller()
export class MessagesController {
  constructor(
    private readonly sendMessageOperation: SendMessage,
    private readonly listMessagesOperation: ListMessages,
    private readonly getMessageEventsOperation: GetMessageEvents,
    private readonly cancelMessageOperation: CancelMessage,
  ) {}

  @Handles(agents.sendMessage)
  sendMessage(request: PublicRequest<typeof agents.sendMessage>) {
    return this.sendMessageOperation.execute(request);
  }

  @Handles(agents.listMessages)
  listMessages(request: PublicRequest<typeof agents.listMessages>) {
    return this.listMessagesOperation.execute(request);
  }

  @Handles(agents.getMessageEvents)
  getMessageEvents(request: PublicRequest<typeof agents.getMessageEvents>) {
    return this.getMessageEventsOperation.execute(request);
  }

  @Handles(agents.cancelMessage)
  cancelMessage(request: PublicRequest<typeof agents.cancelMessage>) {
    return this.cancelMessageOperation.execute(request);
  }
}
