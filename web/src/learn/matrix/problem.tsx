import { problemOf } from "../../api/problem";
import { ProblemNotice } from "../../ui/states";
import { NotComputed } from "./start";

/** Why there is no picture: nothing was computed for the date, or what else went wrong. */
export function MatrixProblem({ cause, as_of, retry }: { cause: unknown; as_of?: string; retry: () => void }) {
  if (["scoring.not_scored", "scoring.empty", "visit.not_scored", "whatif.not_scored"].includes(problemOf(cause).code)) return <NotComputed as_of={as_of || undefined} onComputed={retry} />;
  return <ProblemNotice cause={cause} retry={retry} />;
}
