'use client';
/** A task or a question as something to do. Both come as one: a chapter has both, and both need the machine and what grades. */
import QuizLive, { type QuizProps } from './QuizLive';
import TaskLive, { type TaskProps } from './TaskLive';

export type AskProps = { task: TaskProps } | { quiz: QuizProps };

export default function AskLive(props: AskProps) {
  return 'task' in props ? <TaskLive {...props.task} /> : <QuizLive {...props.quiz} />;
}
