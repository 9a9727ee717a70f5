const POLL_MS = 1_000;

/**
 * Ctrl-C and SIGTERM as something to wait for; a second one ends the process at once. Under npm the end of the parent
 * counts as well: npm's shell dies of a SIGTERM without passing it on.
 */
export function interruption(): { signal: AbortSignal; happened: Promise<void> } {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve());
  });
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  if (process.env.npm_lifecycle_event !== undefined) whenOrphaned(() => controller.abort());
  return { signal: controller.signal, happened };
}

/** An orphan gets another parent. */
function whenOrphaned(act: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, POLL_MS);
  watch.unref();
}
