/** How dates can be written, in the words that mappings use too. */
export const dateForms = [
  "yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy", "mm-dd-yyyy", "yyyy/mm/dd", "yyyy.mm.dd", "yyyymmdd", "ddmmyyyy",
  "dd.mm.yy", "dd/mm/yy", "mm/dd/yy", "dd-mm-yy", "dd mmm yyyy", "dd-mmm-yyyy", "mmm dd yyyy", "dd-mmm-yy", "yyy/mm/dd",
];

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "windows-1250", "iso-8859-2", "ibm850", "big5", "gbk"];

/** What parts columns, with the key of its name; "spaces" stands for one or more blanks. */
export const delimiters: [value: string, name: string][] = [
  [",", "comma"], [";", "semicolon"], ["\t", "tab"], ["|", "bar"], ["^", "caret"], ["~", "tilde"], [":", "colon"], ["spaces", "spaces"],
];
