const togetherMs = 1_000;

/**
 * Aborted at the first Ctrl-C, SIGTERM, closed terminal or death of the bootstrap. A second request
 * forces; npm and the terminal deliver one Ctrl-C several times, so what comes together counts once.
 */
export function onStopRequest(force: () => void): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = 0;
  const request = () => {
    if (!controller.signal.aborted) {
      firstAtMs = performance.now();
      controller.abort(new Error('stopped'));
    } else if (performance.now() - firstAtMs > togetherMs) {
      console.log('Forcing');
      force();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request);
  process.once('disconnect', request);
  process.channel?.unref();
  // A closed terminal or pipe must not end the supervisor before it has stopped its processes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return controller.signal;
}
