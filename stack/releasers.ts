/** What closes the things that were opened: last in, first out, each once. */
export class Releasers {
  private readonly pending: (() => Promise<unknown>)[] = [];
  private running: Promise<void> | null = null;

  add(release: () => Promise<unknown>): void {
    this.pending.push(release);
  }

  /** One that fails must not keep the others open; the first error is thrown at the end. */
  run(): Promise<void> {
    this.running ??= this.release();
    return this.running;
  }

  private async release(): Promise<void> {
    const errors: unknown[] = [];
    for (let release = this.pending.pop(); release; release = this.pending.pop()) {
      await release().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }
}
