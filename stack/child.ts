/** What a process does about its parent, be that the supervisor or a container platform. */

/** Tells the supervisor that this process serves. Without one it does nothing. */
export function announceReady(): void {
  process.send?.({ type: 'ready' });
}

/**
 * Runs `handler` once, on SIGTERM, on SIGINT, or when the supervisor is gone (its IPC channel closes even when
 * it was killed), then exits: 0, or 1 when the handler failed.
 */
export function onShutdown(handler: () => Promise<void>): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    handler().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
}
