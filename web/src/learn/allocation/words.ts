import { useTranslation } from "react-i18next";
import type { Search } from "../../ui/search";
import { useMeasureWords } from "../measure/words";
import { without } from "./draft";

/** The name of a segment: the value of its measure in the language of the screen, or what was typed. */
export function useSegmentName(by: string): (name: string) => string {
  const { t } = useTranslation();
  const words = useMeasureWords();
  return (name) => (name === without || name === "" ? t("allocation.without") : by ? words.value({ key: by, unit: "word" }, name) : name);
}

/** Address state of the list of a segment's customers. */
export function behindSegment(by: string, name: string, as_of?: string): Search {
  return { as_of, measure: `${by}=${name === without ? "" : name}`, sort: "-revenue", columns: `code,cell,revenue,last_purchase,owner,${by}` };
}
