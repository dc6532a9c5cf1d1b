import { useNavigate } from "@tanstack/react-router";
import { ImportReport } from "../know/intake/report";
import { ImportWizard } from "../know/intake/wizard";
import { ComputeAfterImport } from "../learn/scoring/choice";

/** After what was imported comes what it means: the way on to the matrix. */
function Onward() {
  const navigate = useNavigate();
  return <ComputeAfterImport onDone={(as_of) => void navigate({ to: "/map/matrix", search: { as_of } as never })} />;
}

export function ImportWizardPage() {
  return <ImportWizard after={<Onward />} />;
}

export function ImportReportPage() {
  return <ImportReport after={<Onward />} />;
}
