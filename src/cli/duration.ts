/** Renders durations in docker's words. Pure. Source: docker/go-units, HumanDuration. */

const DAY_HOURS = 24;
const WEEK_HOURS = 7 * DAY_HOURS;
const MONTH_HOURS = 30 * DAY_HOURS;
const YEAR_HOURS = 365 * DAY_HOURS;

/** Renders a duration: `5 seconds`, `About a minute`, `3 weeks`. */
export function renderDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  return renderHours(Math.floor(durationMs / 3_600_000 + 0.5), durationMs);
}

function renderHours(hours: number, durationMs: number): string {
  if (hours === 1) return "About an hour";
  if (hours < 2 * DAY_HOURS) return `${hours} hours`;
  if (hours < 2 * WEEK_HOURS) return `${Math.trunc(hours / DAY_HOURS)} days`;
  if (hours < 2 * MONTH_HOURS) return `${Math.trunc(hours / WEEK_HOURS)} weeks`;
  if (hours < 2 * YEAR_HOURS) return `${Math.trunc(hours / MONTH_HOURS)} months`;
  return `${Math.trunc(durationMs / 3_600_000 / YEAR_HOURS)} years`;
}
