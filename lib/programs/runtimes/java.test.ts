/**
 * How large the JVM makes itself, and how it ends. Expected sizes: HotSpot's own arithmetic (arguments.cpp), with the numbers
 * that are commonly reported of it: 132120576 of 256 MiB, 259522560 of a heap of 256 MiB under Serial.
 */
import { describe, expect, test } from 'vitest';
import '../../machine/whole';
import { boot, type Machine, step } from '../../machine';
import { parseJava } from './java-source';
import { sizesOf } from './jvm-size';

const MiB = 1 << 20;

describe('sizes', () => {
  test.each([
    ['64 MiB: half of it', 64, 1, {}, 32 * MiB],
    ['64 MiB: MaxRAMPercentage has no say', 64, 1, { maxPercent: 75 }, 32 * MiB],
    ['128 MiB', 128, 1, {}, 64 * MiB],
    ['256 MiB: never less than about 125 MiB', 256, 1, {}, 132_120_576],
    ['256 MiB, 75 %', 256, 1, { maxPercent: 75 }, 192 * MiB],
    ['1 GiB: a quarter', 1024, 2, {}, 256 * MiB],
    ['-Xmx follows nothing', 256, 2, { max: 512 * MiB }, 512 * MiB],
  ])('%s', (_, memory, cpus, asked, heap) => {
    expect(sizesOf({ memory: memory * MiB, cpus }, asked).maxHeap).toBe(heap);
  });
  test.each([
    [1024, 2, 'Serial'],
    [2048, 1, 'Serial'],
    [2048, 2, 'G1'],
  ])('%d MiB and %d processors: %s', (memory, cpus, gc) => expect(sizesOf({ memory: memory * MiB, cpus }, {}).gc).toBe(gc));
  test('Serial leaves out a survivor space', () => expect(sizesOf({ memory: 1024 * MiB, cpus: 1 }, {}).usable).toBe(259_522_560));
});

const FILL = `import java.util.*;

public class Fill {
  public static void main(String[] args) throws Exception {
    List<byte[]> kept = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      kept.add(new byte[16 << 20]); // 16 MiB
      System.out.println(i * 16 + " MiB");
    }
    Thread.sleep(1000);
    System.out.println("all of it");
  }
}`;

test('a source file: steps with jumps and lines', () => {
  expect(parseJava(FILL)).toMatchObject({
    name: 'Fill',
    steps: [
      { do: 'list', line: 5 },
      { do: 'set', to: '1' },
      { do: 'jump', unless: 'i <= 40', to: 7 },
      { do: 'add', bytes: '16 << 20', line: 7 },
      { do: 'print' },
      { do: 'set', to: 'i + (1)' },
      { do: 'jump', to: 2 },
      { do: 'sleep' },
      { do: 'print' },
    ],
  });
  expect(() => parseJava(FILL.replace('Thread.sleep(1000)', 'kept.clear()'))).toThrow('kept.clear()');
});

describe('in a container', () => {
  const lab = (() => {
    let { machine }: { machine: Machine } = boot('lab', 1);
    const run = (text: string) => {
      const done = step(machine, { kind: 'line', text });
      machine = done.machine;
      return done.trace.output.replaceAll('\r\n', '\n');
    };
    run(`cat > Fill.java <<'E'\n${FILL}\nE\ndocker pull -q eclipse-temurin:21`);
    return run;
  })();
  const last = (limit: string, options: string) =>
    lab(
      `docker run --rm -m ${limit} -v ./Fill.java:/Fill.java eclipse-temurin:21 java ${options} /Fill.java 2>&1 | tail -8; echo \${PIPESTATUS[0]}`,
    );

  test.each([
    [
      '256m',
      '',
      /112 MiB\nException in thread "main" java\.lang\.OutOfMemoryError: Java heap space\n\tat Fill\.main\(Fill\.java:7\)[\s\S]*\n1\n/,
    ],
    ['256m', '-XX:+ExitOnOutOfMemoryError', /\nTerminating due to java\.lang\.OutOfMemoryError: Java heap space\n3\n/],
    ['256m', '-Xmx512m', /\n208 MiB\n137\n/],
    ['256m', '-XX:-UseContainerSupport', /\n208 MiB\n137\n/],
    ['1500m', '-Xmx1g', /640 MiB\nall of it\n0\n/],
    [
      '256m',
      '-Xms200m -Xmx100m',
      /Initial heap size set to a larger value than the maximum heap size\nError: Could not create the Java Virtual Machine\.\n[\s\S]*1\n/,
    ],
  ])('-m %s java %s', (limit, options, expected) => expect(last(limit, options)).toMatch(expected));

  test('says its flags', () => {
    expect(
      lab(
        'docker run --rm -m 256m --cpus 0.5 eclipse-temurin:21 java -XX:+PrintFlagsFinal -version 2>/dev/null | grep -E "MaxHeap|UseSerial"',
      ),
    ).toContain(
      '   size_t MaxHeapSize                              = 132120576                                 {product} {ergonomic}\n' +
        '   size_t SoftMaxHeapSize                          = 132120576                              {manageable} {ergonomic}\n' +
        '     bool UseSerialGC                              = true                                      {product} {ergonomic}\n',
    );
  });

  test('TERM ends it with 143, by its own handler', () => {
    lab("sed 's/Thread.sleep(1000)/Thread.sleep(600000)/; s/40/4/' Fill.java > Slow.java");
    lab('docker run -d --name jvm -v ./Slow.java:/Slow.java eclipse-temurin:21 java /Slow.java; sleep 1; docker stop jvm');
    expect(lab("docker inspect -f '{{.State.ExitCode}}' jvm")).toContain('143');
  });
});
