/** Whether the gateway is leaving: then each answer tells its client to open another connection elsewhere. */
export class Drain {
  isStarted = false;
}
