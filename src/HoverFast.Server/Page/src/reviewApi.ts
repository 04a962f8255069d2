import { change, get } from './api';

// What the server answers (src/HoverFast.Server/Review).

export type EditKind = 'accept' | 'reopen' | 'delete' | 'redraw' | 'split' | 'merge' | 'add' | 'class' | 'undo' | 'redo';

export interface FieldState {
  isDone: boolean;
  edits: number;
  who: string | null;
  when: string | null;
  /** Drawn on a result that was made anew since: it can't be reviewed any more. */
  isOfOlderResult: boolean;
}

export interface Field {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface SessionField extends Field {
  /** Id of the slide. */
  slide: string;
  slideName: string;
  state: FieldState;
  /** What is expected of the result here, without labels; null where the slide was segmented without its quality. */
  expected: { pq: number; low: number; high: number } | null;
}

export interface Session {
  id: string;
  choice: 'random' | 'unsure';
  side: number;
  when: string;
  who: string;
  population: number;
  tissue: number;
  fields: SessionField[];
}

export interface ReviewedNucleus {
  id: string;
  /** x0, y0, x1, y1, ... */
  outline: number[];
  class: string | null;
  probability: number | null;
  version: number;
  isInField: boolean;
}

export interface FieldView {
  field: Field;
  state: FieldState;
  nuclei: ReviewedNucleus[];
  entry: number;
  classes: string[];
}

export interface Edit {
  what: EditKind;
  seen: number;
  nuclei?: string[];
  points?: number[];
  class?: string | null;
  why?: string;
  who: string;
}

export interface EditResult {
  entry: number;
  removed: string[];
  changed: ReviewedNucleus[];
}

export interface Interval {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface ReviewEstimate {
  session: string;
  done: number;
  drawn: number;
  population: number;
  precision: Interval;
  recall: Interval;
  f1: Interval;
}

export interface Score {
  set: string;
  images: number;
  before: number;
  after: number;
  gain: number;
  low: number | null;
  high: number | null;
}

export interface Model {
  version: number;
  state: 'candidate' | 'current' | 'former';
  name: string;
  parent: number | null;
  parentName: string;
  fields: number;
  scores: Score[];
  who: string;
  when: string;
  promotedBy: string | null;
  promotedWhen: string | null;
}

export interface Models {
  models: Model[];
  teaching: { state: 'idle' | 'running' | 'done' | 'no better' | 'failed' | 'stopped'; lines: string[] };
}

async function changed<T>(method: string, path: string, body: unknown): Promise<T> {
  return (await change(method, path, body)).json() as Promise<T>;
}

export const sessions = () => get<Session[]>('/review/sessions');
export const startSession = (choice: string, fields: number, side: number, seed: number, who: string) =>
  changed<Session>('POST', '/review/sessions', { choice, fields, side, seed, who });
export const field = (id: string) => get<FieldView>(`/review/fields/${id}`);
export const claim = (id: string, who: string) => changed<{ others: { who: string; since: string }[] }>('POST', `/review/fields/${id}/claim`, { who });
export const leave = (id: string, who: string) => change('DELETE', `/review/fields/${id}/claim?who=${encodeURIComponent(who)}`);
export const edit = (id: string, edit: Edit) => changed<EditResult>('POST', `/review/fields/${id}/edits`, edit);
export const reviewEstimate = (session: string) => get<ReviewEstimate>(`/review/estimate?session=${encodeURIComponent(session)}`);
export const correctedUrl = (slide: string) => `/api/review/slides/${slide}/corrected`;

export const models = () => get<Models>('/models');
export const promote = (version: number, why: string) => change('POST', `/models/${version}/promote`, { why });
export const rollBack = (current: number, why: string) => change('POST', '/models/rollback', { current, why });
export const reportUrl = (version: number) => `/api/models/${version}/report`;
export const teach = () => change('POST', '/models/teach');
export const stopTeaching = () => change('DELETE', '/models/teach');
