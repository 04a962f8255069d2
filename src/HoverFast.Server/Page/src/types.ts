// What the server answers (src/HoverFast.Server, the classes *Endpoints).

export type Role = 'look' | 'review' | 'run';

export interface Me {
  name: string | null;
  role: Role | null;
  accounts: boolean;
  /** Whether anybody has a password here. */
  passwords: boolean;
  /** What the provider is called that people log in with; null where there is none. */
  provider: string | null;
  token: string;
}

/** What can be said of a result without labels; null where a figure can't. */
export interface ExpectedQuality {
  expectedPq: number | null;
  /** Ends of its 80 % interval. */
  low: number | null;
  high: number | null;
  /** 1 is as far from what the model learned as 5 in 100 good slides lie. */
  shift: number | null;
  advice: '' | 'trust' | 'look' | 'adapt' | 'refuse';
  differences: string[];
}

export interface SlideSummary {
  id: string;
  name: string;
  hasSlide: boolean;
  hasResult: boolean;
  nuclei: number | null;
  tissue: number | null;
  warnings: string[];
  quality: ExpectedQuality | null;
  finished: string | null;
  model: string | null;
  stamp: string;
}

export interface SlideLevel {
  resolution: number;
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
}

export interface SlideDescription {
  summary: SlideSummary;
  width: number;
  height: number;
  /** The corner of the scan in the stored levels: nuclei are counted from there. */
  offset: [number, number];
  mpp: number | null;
  mppSource: string | null;
  magnification?: number | null;
  format: string;
  scanner?: string | null;
  notes: string[];
  pictures: string[];
  levels: SlideLevel[];
}

export interface Measurement {
  name: string;
  /** Lower edge of the first bin and upper edge of the last; values beyond are counted in those. */
  low: number;
  high: number;
  bins: number[];
}

export interface NucleusClass {
  name: string;
  color: [number, number, number];
  count: number;
}

export interface NucleusSummary {
  state: 'none' | 'building' | 'ready' | 'failed';
  progress: number;
  error?: string;
  key: string;
  count: number;
  measurements: Measurement[];
  classes: NucleusClass[];
  /** Full-resolution pixels in one unit of each zoom of the vector tiles, coarsest first. */
  resolutions: number[];
  tileSize: number;
  /** Coarser than this, the density is shown. */
  outlinesFrom: number;
  density: { width: number; height: number; most: number } | null;
}

export interface Nucleus {
  ordinal: number;
  id: string;
  className: string | null;
  measurements: Record<string, number>;
  rings: [number, number][][];
}

/** A filter: bins from and to (both included) of a measurement. */
export interface BinFilter {
  measurement: number;
  from: number;
  to: number;
}

export interface RegionCounts {
  count: number;
  area: number | null;
  density: number | null;
  classes: { name: string; count: number }[];
  measurements: { name: string; mean: number; median: number; deviation: number; bins: number[] }[];
}

export interface Job {
  id: number;
  slide: string;
  name: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  message: string | null;
  account: string;
  tilesDone: number;
  tileCount: number;
  /** Of those done, the ones that an earlier run had finished. */
  tilesResumed: number;
  nuclei: number;
  secondsLeft: number | null;
  tilesPerSecond: number | null;
  /** On a cluster: its number of the job, and the machine that is at it. */
  place: string | null;
  /** On a cluster: how fast it gets through all jobs. */
  batch: { slidesPerHour: number | null; secondsLeft: number | null } | null;
}

export interface Estimate {
  slides: number;
  failed: { name: string; message: string }[];
  tissue: number;
  seconds: number;
  nuclei: number;
  memory: number;
  bytes: number;
}
