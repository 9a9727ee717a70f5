/** Share of content failures among the last attempts above which a campaign is paused. */
const ALARMING_SHARE = 0.2;
const WINDOW = 500;
/** Below this many attempts a few failures say nothing. */
const FEWEST = 50;

/** Watches the last 500 attempts for failures that the content causes: all other recipients would fail as well. */
export class ContentWatch {
  private readonly window: boolean[] = [];
  private failures = 0;

  /** Adds an attempt; true when too many of the last ones failed for their content. */
  isAlarming(contentFailure: boolean): boolean {
    this.window.push(contentFailure);
    if (contentFailure) this.failures += 1;
    if (this.window.length > WINDOW && this.window.shift()) this.failures -= 1;
    return this.window.length >= FEWEST && this.failures > this.window.length * ALARMING_SHARE;
  }
}
