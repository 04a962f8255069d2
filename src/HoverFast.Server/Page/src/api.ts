import type { BinFilter, Estimate, Job, Me, Nucleus, NucleusSummary, RegionCounts, SlideDescription, SlideSummary } from './types';

/** An answer that isn't the one that was wished for, with the server's sentence. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

let token = '';

/** Answers that were asked for before they were needed; each is used once. */
const ahead = new Map<string, Promise<Response>>();

/** Asks for what will be needed soon: a page opens faster when questions don't wait for each other's answers. */
export function askAhead(...paths: string[]): void {
  for (const path of paths) {
    const answer = fetch(`/api${path}`, { credentials: 'same-origin' });
    answer.catch(() => {});
    ahead.set(path, answer);
  }
}

/** Forgets what was asked for ahead: somebody else has logged in. */
export function forgetAhead(): void {
  ahead.clear();
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  const asked = init.method === undefined ? ahead.get(path) : undefined;
  ahead.delete(path);
  try {
    response = await (asked ?? fetch(`/api${path}`, { credentials: 'same-origin', ...init }));
  } catch {
    throw new ApiError(0, 'The server does not answer.');
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as { error?: string };
    throw new ApiError(response.status, problem.error ?? `The server answers ${response.status}.`);
  }
  return response;
}

/** What the server says of a picture that did not come. */
export interface Outage {
  /** The status of its answer. */
  status: number;
  /** Whether it had to be asked again, since it was away. */
  wasAway: boolean;
}

/** Asks for a picture that did not come, again and again while the server is away (or a proxy says so); null where nobody wants it any more. */
export async function outage(path: string, isWanted: () => boolean, away: () => void): Promise<Outage | null> {
  for (let wasAway = false; isWanted(); wasAway = true) {
    const status = await fetch(path, { credentials: 'same-origin' }).then((r) => r.status, () => 0);
    if (![0, 429, 502, 503, 504].includes(status)) {
      return { status, wasAway };
    }
    away();
    await new Promise((done) => window.setTimeout(done, 3000));
  }
  return null;
}

/** Asks for something. */
export async function get<T>(path: string): Promise<T> {
  return (await send(path)).json() as Promise<T>;
}

/** Changes something: with the token that only this page can read. */
export function change(method: string, path: string, body?: unknown): Promise<Response> {
  return send(path, {
    method,
    headers: { 'X-HoverFast-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

export async function me(): Promise<Me> {
  const answer = await get<Me>('/me');
  token = answer.token;
  return answer;
}

export const logIn = (name: string, password: string) => change('POST', '/login', { name, password });
export const logOut = () => change('POST', '/logout');

export const slides = () => get<SlideSummary[]>('/slides');
export const slide = (id: string) => get<SlideDescription>(`/slides/${id}`);
export const thumbnailUrl = (slide: SlideSummary) => `/api/slides/${slide.id}/thumbnail?v=${slide.stamp}-scan`;
export const pictureUrl = (id: string, name: string) => `/api/slides/${id}/pictures/${encodeURIComponent(name)}`;

export const nuclei = (id: string) => get<NucleusSummary>(`/slides/${id}/nuclei`);
export const nucleusAt = async (id: string, x: number, y: number) =>
  (await get<{ nucleus: Nucleus | null }>(`/slides/${id}/nuclei/at?x=${x.toFixed(2)}&y=${y.toFixed(2)}`)).nucleus;

export interface Region {
  /** Corners in full-resolution pixels. */
  polygon: [number, number][];
  filters: BinFilter[];
  hiddenClasses: number[];
}

export async function region(id: string, region: Region): Promise<RegionCounts> {
  return (await change('POST', `/slides/${id}/nuclei/region`, region)).json() as Promise<RegionCounts>;
}

export async function exported(id: string, format: 'geojson' | 'csv', region: Region): Promise<Blob> {
  return (await change('POST', `/slides/${id}/nuclei/export/${format}`, region)).blob();
}

export const jobs = () => get<Job[]>('/jobs');
export async function estimate(slides: string[]): Promise<Estimate> {
  return (await change('POST', '/jobs/estimate', { slides })).json() as Promise<Estimate>;
}
export const start = (slides: string[]) => change('POST', '/jobs', { slides });
export const cancel = (job: number) => change('DELETE', `/jobs/${job}`);
