/** How dates can be written, in the words that mappings use too. */
export const dateForms = [
  "yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy", "mm-dd-yyyy", "yyyy/mm/dd", "yyyy.mm.dd", "yyyymmdd", "ddmmyyyy",
  "dd.mm.yy", "dd/mm/yy", "mm/dd/yy", "dd-mm-yy", "dd mmm yyyy", "dd-mmm-yyyy",
];

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "windows-1250", "iso-8859-2", "big5", "gbk"];
