package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"luoshi.dev/forecast"
)

//go:embed forecast.R
var script []byte

// forecasts times R's forecast package and our outlooks on the same series, in turn,
// by processor time: ets alone on one side, a whole outlook (nineteen methods, the
// year's distribution) on the other.
func forecasts(ctx context.Context, path, dir string, n int, to io.Writer) error {
	if path == "" {
		return errors.New("name the series: -series FILE (dataset,id,year,month,y)")
	}
	if _, err := exec.LookPath("Rscript"); err != nil {
		return errors.New("Rscript is not here: apt-get install r-cran-forecast")
	}
	list, rows, err := pickSeries(path, n)
	if err != nil {
		return err
	}
	picked := filepath.Join(dir, "series.csv")
	if err := writeRows(picked, rows); err != nil {
		return err
	}
	code := filepath.Join(dir, "forecast.R")
	if err := os.WriteFile(code, script, 0o600); err != nil {
		return err
	}
	whole, fit := ourTimes(list)
	r := exec.CommandContext(ctx, "Rscript", "--vanilla", code, picked)
	r.Stderr = os.Stderr
	said, err := r.Output()
	if err != nil {
		return fmt.Errorf("Rscript: %w", err)
	}
	again, fitAgain := ourTimes(list)
	whole, fit = (whole+again)/2, (fit+fitAgain)/2
	fmt.Fprintf(to, "%d of the series, processor time a series; ours before R and after it, the mean\n", len(list))
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "luoshi: a whole outlook\t%s\t1\t\n", short(whole))
	fmt.Fprintf(table, "luoshi: FitETS, the computation of ets\t%s\t%s\t\n", short(fit), times(fit, whole))
	version := ""
	for line := bufio.NewScanner(bytes.NewReader(said)); line.Scan(); {
		name, text, _ := strings.Cut(line.Text(), "\t")
		text = strings.TrimSpace(text)
		if name == "version" {
			version = text
			continue
		}
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("Rscript said %q", line.Text())
		}
		took := time.Duration(seconds * float64(time.Second))
		fmt.Fprintf(table, "R: %s\t%s\t%s\t\n", name, short(took), times(took, whole))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(to, version)
	return err
}

// pickSeries reads so many series of a file, evenly spread over it.
func pickSeries(path string, n int) (list []forecast.Series, rows [][]string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	if len(all) < 2 || len(all[0]) != 5 {
		return nil, nil, fmt.Errorf("%s: not dataset,id,year,month,y", path)
	}
	var starts []int
	for i := 1; i < len(all); i++ {
		if all[i][0] != all[i-1][0] || all[i][1] != all[i-1][1] {
			starts = append(starts, i)
		}
	}
	n = min(n, len(starts))
	rows = append(rows, all[0])
	for k := range n {
		at := k * len(starts) / n
		end := len(all)
		if at+1 < len(starts) {
			end = starts[at+1]
		}
		var s forecast.Series
		for i, row := range all[starts[at]:end] {
			year, errYear := strconv.Atoi(row[2])
			month, errMonth := strconv.Atoi(row[3])
			v, errValue := strconv.ParseFloat(row[4], 64)
			if err := errors.Join(errYear, errMonth, errValue); err != nil {
				return nil, nil, fmt.Errorf("%s, row %d: %w", path, starts[at]+i+1, err)
			}
			if i == 0 {
				s = forecast.Series{Year: year, First: month, Season: 12}
			}
			s.Values = append(s.Values, v)
		}
		list = append(list, s)
		rows = append(rows, all[starts[at]:end]...)
	}
	return list, rows, nil
}

func writeRows(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close())
}

// ourTimes is the processor time a series of whole outlooks of the year that follows,
// and of fitting the smoothing family as R does.
func ourTimes(list []forecast.Series) (whole, fit time.Duration) {
	var f forecast.Forecaster
	whole = spent(len(list), func(i int) {
		s := list[i]
		year := s.Year + (s.First-1+len(s.Values))/s.Season
		if _, err := f.Of(s, year); err != nil {
			panic(err) // the file was read: only a mistake of ours is left
		}
	})
	fit = spent(len(list), func(i int) { forecast.FitETS(list[i].Values, list[i].Season) })
	return whole, fit
}

// spent is the processor time of one of n tasks, over a second of them at least.
func spent(n int, task func(i int)) time.Duration {
	begin, done := processor(), 0
	for processor()-begin < time.Second {
		for i := range n {
			task(i)
		}
		done += n
	}
	return (processor() - begin) / time.Duration(done)
}

// processor is the time that the processor has spent on this program.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it takes no argument that could be wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
