import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Answer } from './answers';

const FILE = path.join(__dirname, 'chat.html');

/**
 * The page on which a developer plays a customer. Its script and style stand in the file and are allowed by their hashes,
 * so that no other can run in it.
 */
export async function chatPage(): Promise<Answer> {
  const html = await readFile(FILE, 'utf8');
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src 'self' data: http: https:",
    "media-src 'self' http: https:",
    `script-src ${hashOf(html, 'script')}`,
    `style-src ${hashOf(html, 'style')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    kind: 'answer',
    status: 200,
    body: html,
    headers: {
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  };
}

/** Of the one element of this name. */
function hashOf(html: string, element: string): string {
  const [, content = ''] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(html) ?? [];
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
