/** Casement's public HTTP API, as any client sees it. */
export interface ApiClient {
  /** `data` of the answer. Throws the API's own sentence when it refuses. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Sends CSV as it is. */
  upload(path: string, csv: string): Promise<unknown>;
}

/** `credential` is the header that the API at hand wants the key in. */
export function createApiClient(
  baseUrl: string,
  credential: Readonly<Record<string, string>>,
): ApiClient {
  const send = async (method: string, path: string, contentType: string, body?: string) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...credential, 'Content-Type': contentType },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    const answer: unknown = text === '' ? null : JSON.parse(text);
    return isEnvelope(answer) ? answer.data : answer;
  };
  return {
    call: (method, path, data) =>
      send(
        method,
        path,
        'application/json',
        data === undefined ? undefined : JSON.stringify({ data }),
      ),
    upload: (path, csv) => send('POST', path, 'text/csv', csv),
  };
}

function isEnvelope(answer: unknown): answer is { data: unknown } {
  return typeof answer === 'object' && answer !== null && 'data' in answer;
}
