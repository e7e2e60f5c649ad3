package office

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// manyFigures writes n figures as a reporting system would export them.
func manyFigures(n int) string {
	var b strings.Builder
	b.WriteString("指标代码,单位代码,单位,时期,口径,数值,同比（%）,状态,来源\n")
	for i := range n {
		unit := i % 1600
		period := i / 1600 % 24
		fmt.Fprintf(&b, "ind%02d,%d,单位%d,%d-%02d,当月,%d.%02d,%d.%d,最终,统计月报\n", i/(1600*24), 340000+unit, unit, 2019+period/12, period%12+1, i%9999, i%100, i%20, i%10)
	}
	return b.String()
}

func benchRead(b *testing.B, data []byte, rows int) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	start := cpu(b)
	for b.Loop() {
		count := 0
		_, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), Options{Name: "x", Figures: func(rows []FigureRow) error { count += len(rows); return nil }})
		if err != nil || count != rows {
			b.Fatal(count, err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(rows)*float64(b.N)/(cpu(b)-start), "rows/cpu-s")
}

// cpu is the processor time used so far, which a busy machine does not stretch.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func BenchmarkReadCSV(b *testing.B) {
	const rows = 200_000
	benchRead(b, []byte(manyFigures(rows)), rows)
}

func BenchmarkReadWorkbook(b *testing.B) {
	const rows = 50_000
	text := manyFigures(rows)
	d, err := Read(context.Background(), strings.NewReader(text), int64(len(text)), Options{Name: "x"})
	if err != nil {
		b.Fatal(err)
	}
	var book bytes.Buffer
	if err := WriteWorkbook(&book, d, Hans); err != nil {
		b.Fatal(err)
	}
	benchRead(b, book.Bytes(), rows)
}

func BenchmarkNearest(b *testing.B) {
	var codes []string
	for i := range 2000 {
		codes = append(codes, fmt.Sprint(340000+i))
	}
	for b.Loop() {
		Nearest("34O100", codes)
	}
}
