import type { BinFilter, Me, Nucleus, NucleusSummary, SlideDescription, SlideSummary } from './types';
import type { Place, Viewer } from './viewer';

/** What nuclei are coloured by: nothing, their class, how sure the model was, or the measurement of an index. */
export type Colour = 'one' | 'class' | 'confidence' | number;

/** How nuclei are shown. */
export interface Appearance {
  outlines: boolean;
  density: boolean;
  colour: Colour;
  filters: BinFilter[];
  hiddenClasses: number[];
}

/** What has happened; panels listen to what concerns them. */
export interface Events {
  /** The list of slides has come anew. */
  slides: SlideSummary[];
  /** Another slide is open, or what is known of the open one has changed. */
  slide: SlideDescription;
  /** The nuclei of the open slide are there, or are on their way. */
  nuclei: NucleusSummary;
  /** Colours or filters have changed. */
  appearance: Appearance;
  /** A nucleus was clicked, or none. */
  nucleus: Nucleus | null;
  /** The view was moved. */
  view: undefined;
  /** Something went wrong, or is worth a word. */
  notice: string;
}

type Listener<T> = (value: T) => void;

/** What the panels share: who uses the page, what is open, how it is shown. */
export class Context {
  viewer!: Viewer;
  slides: SlideSummary[] = [];
  /** Those that the list shows, in its order. */
  listed: SlideSummary[] = [];
  slide: SlideDescription | null = null;
  nuclei: NucleusSummary | null = null;
  nucleus: Nucleus | null = null;
  /** Whether something is being drawn: clicks belong to that. */
  drawing = false;
  /** The slide whose classes and measurements the appearance names by index, and those once they are known. */
  named: { slide: string; nuclei: NucleusSummary | null } | null = null;
  appearance: Appearance = { outlines: true, density: true, colour: 'one', filters: [], hiddenClasses: [] };

  private readonly listeners = new Map<keyof Events, Listener<never>[]>();

  constructor(readonly me: Me) {}

  /** Opens a slide, whole or at a place; set by main.ts. */
  open: (id: string, place?: Place | null) => Promise<void> = async () => {};

  /** Asks for the list of slides anew; set by main.ts. */
  refresh: () => Promise<void> = async () => {};

  may(role: 'look' | 'review' | 'run'): boolean {
    const order = ['look', 'review', 'run'];
    return this.me.role !== null && order.indexOf(this.me.role) >= order.indexOf(role);
  }

  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener as Listener<never>]);
  }

  emit<K extends keyof Events>(event: K, value: Events[K]): void {
    for (const listener of this.listeners.get(event) ?? []) {
      (listener as Listener<Events[K]>)(value);
    }
  }

  /** Changes colours or filters and tells everybody. */
  show(part: Partial<Appearance>): void {
    this.appearance = { ...this.appearance, ...part };
    this.emit('appearance', this.appearance);
  }

  /** Runs something that asks the server, and tells where it fails. */
  async attempt<T>(task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (error) {
      this.emit('notice', error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }
}
