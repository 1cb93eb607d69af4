/** The door to what poses and grades, loaded with the questions and tasks of a page; the machine itself has its own. */
export { grade, pose, progress } from '../../lib/quiz';
