/** The course as the page of progress needs it: what there is to read and to solve in each chapter. */
export interface Item {
  id: string;
  title: string;
}
export interface Outline {
  slug: string;
  number: number;
  title: string;
  sections: Item[];
  tasks: Item[];
  questions: Item[];
}
