/** Expected PQ with its interval, where there is one. */
export function expectedWords(pq: number, low: number | null, high: number | null): string {
  return `${pq.toFixed(2)}${low === null || high === null ? '' : ` (80 %: ${low.toFixed(2)} to ${high.toFixed(2)})`}`;
}
