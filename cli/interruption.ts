/** Ctrl-C and SIGTERM as something to wait for; a second one ends the process at once. */
export function interruption(): { signal: AbortSignal; happened: Promise<void> } {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) => {
    const interrupt = () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
      resolve();
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
  });
  return { signal: controller.signal, happened };
}
