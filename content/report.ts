/** `npm run --silent syllabus`: which mechanisms are covered by something that runs, and which are not, as JSON. */
import { loadChapter, writtenChapters } from './chapter';
import { allChapters, loadCourse } from './course';
import { coverage } from './coverage';

const chapters = await Promise.all(writtenChapters().map(loadChapter));
process.stdout.write(`${JSON.stringify(coverage(allChapters(loadCourse()), chapters), null, 2)}\n`);
