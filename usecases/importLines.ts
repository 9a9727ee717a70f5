import { isUtf8 } from 'node:buffer';

/** One line of a file: its text without the line end, or why it has none. Lines count from 1. */
export interface Line {
  number: number;
  text: string;
  problem?: 'encoding' | 'too_long';
}

/** Bytes of a line. A row of a contact list is far below; what is longer is not a list of contacts. */
const MAX_LINE = 64 * 1024;
const NEWLINE = 0x0a;
const BOM = '\uFEFF';

/**
 * Cuts a stream of bytes into lines, in memory bounded by one chunk and one line. Whole chunks are decoded at once
 * when they are valid UTF-8 (the usual case); otherwise line by line, so that one broken name costs one line only.
 */
export class LineReader {
  private carry: Buffer = Buffer.alloc(0);
  private overlong = false;
  private count = 0;

  /** The lines that `chunk` completes. */
  push(chunk: Buffer): Line[] {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.keep(chunk);
      return [];
    }
    const lines: Line[] = [];
    const first = chunk.indexOf(NEWLINE);
    this.keep(chunk.subarray(0, first));
    lines.push(this.takeCarry());
    if (first < end) this.cut(chunk.subarray(first + 1, end), lines);
    this.keep(chunk.subarray(end + 1));
    return lines;
  }

  /** The last line, when the file does not end with a line end. */
  end(): Line[] {
    return this.carry.length > 0 || this.overlong ? [this.takeCarry()] : [];
  }

  private cut(bytes: Buffer, lines: Line[]): void {
    if (isUtf8(bytes)) {
      for (const text of bytes.toString('utf8').split('\n')) lines.push(this.line(text));
      return;
    }
    for (let start = 0; start <= bytes.length;) {
      const found = bytes.indexOf(NEWLINE, start);
      const end = found === -1 ? bytes.length : found;
      lines.push(this.decode(bytes.subarray(start, end)));
      start = end + 1;
    }
  }

  /** Beyond the limit only the fact is kept. */
  private keep(bytes: Buffer): void {
    if (this.overlong) return;
    if (this.carry.length + bytes.length > MAX_LINE) {
      this.overlong = true;
      this.carry = Buffer.alloc(0);
      return;
    }
    this.carry = this.carry.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.carry, bytes]);
  }

  private takeCarry(): Line {
    const bytes = this.carry;
    const overlong = this.overlong;
    this.carry = Buffer.alloc(0);
    this.overlong = false;
    if (overlong) return { number: ++this.count, text: '', problem: 'too_long' };
    return this.decode(bytes);
  }

  private decode(bytes: Buffer): Line {
    if (isUtf8(bytes)) return this.line(bytes.toString('utf8'));
    return { number: ++this.count, text: bytes.toString('utf8'), problem: 'encoding' };
  }

  private line(text: string): Line {
    const number = ++this.count;
    const start = number === 1 && text.startsWith(BOM) ? 1 : 0;
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const bare = start === 0 && end === text.length ? text : text.slice(start, end);
    if (bare.includes('\0')) return { number, text: bare, problem: 'encoding' };
    if (bare.length > MAX_LINE) return { number, text: '', problem: 'too_long' };
    return { number, text: bare };
  }
}
