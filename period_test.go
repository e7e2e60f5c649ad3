package luoshi_test

import (
	"errors"
	"testing"
	"time"

	"luoshi.dev"
)

func TestParsePeriod(t *testing.T) {
	for in, want := range map[string]string{
		"2020": "2020", "2020年": "2020", "2020-06": "2020-06", "2020年6月": "2020-06", "2020/6": "2020-06", "202006": "2020-06", "２０２０年６月": "2020-06",
		"2020-01..06": "2020-01..06", "2020年1-6月": "2020-01..06", "2020年1—6月": "2020-01..06", "2020年1至6月": "2020-01..06", "2020-M01-M06": "2020-01..06",
		"2020-Q2": "2020-04..06", "2020Q2": "2020-04..06", "2020年二季度": "2020-04..06", "2020年第3季度": "2020-07..09", "2020-H1": "2020-01..06", "2020年下半年": "2020-07..12",
		"2020年1—2月": "2020-01..02", "2020-01..12": "2020",
	} {
		got, err := luoshi.ParsePeriod(in)
		if err != nil || got.String() != want {
			t.Errorf("%q = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "2020-13", "2020-00", "2020-07..06", "1020-01", "六月", "2020-Q5", "2020-06-30x", "99999"} {
		if got, err := luoshi.ParsePeriod(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2020-06", "2020年1—6月", "2020-Q2", "2020-H1", "2020"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := luoshi.ParsePeriod(s)
		if err != nil {
			return
		}
		if again, err := luoshi.ParsePeriod(p.String()); err != nil || again != p {
			t.Fatalf("%q = %v, written %s, read again %v, %v", s, p, p, again, err)
		}
	})
}

func TestCalendar(t *testing.T) {
	for _, tc := range []struct {
		calendar luoshi.Calendar
		period   string
		basis    luoshi.Basis
		key      string
	}{
		{luoshi.Monthly, "2020-06", luoshi.Single, ""},
		{luoshi.Monthly, "2020-01..06", luoshi.Cumulative, ""},
		{luoshi.Monthly, "2020-06", luoshi.Cumulative, "period.wrong_start"},
		{luoshi.Monthly, "2020-01..06", luoshi.Single, "period.wrong_start"},
		{luoshi.MonthlyJanFeb, "2020-01", luoshi.Single, "period.out_of_calendar"},
		{luoshi.MonthlyJanFeb, "2020-01..02", luoshi.Single, ""},
		{luoshi.MonthlyJanFeb, "2020-02", luoshi.Single, "period.wrong_start"},
		{luoshi.MonthlyJanFeb, "2020-03", luoshi.Single, ""},
		{luoshi.Quarterly, "2020-Q2", luoshi.Single, ""},
		{luoshi.Quarterly, "2020-05", luoshi.Single, "period.out_of_calendar"},
		{luoshi.Quarterly, "2020-01..06", luoshi.Cumulative, ""},
		{luoshi.Yearly, "2020", luoshi.Single, ""},
		{luoshi.HalfYearly, "2020-H2", luoshi.Single, ""},
	} {
		p, _ := luoshi.ParsePeriod(tc.period)
		err := tc.calendar.Check(p, tc.basis)
		key := ""
		if e := (*luoshi.Error)(nil); errors.As(err, &e) {
			key = e.Message.Key
		}
		if key != tc.key {
			t.Errorf("%s %s %s: %v, want %q", tc.calendar, tc.period, tc.basis, err, tc.key)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]luoshi.Date{"2020-07-31": 20200731, "2020/7/3": 20200703, "20200731": 20200731, "2020年7月31日": 20200731, "２０２０-０７-３１": 20200731} {
		if got, err := luoshi.ParseDate(in); err != nil || got != want {
			t.Errorf("%q = %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"2020-02-30", "2020-13-01", "", "31.7.2020", "yesterday", "2020-07-31 09:00"} {
		if got, err := luoshi.ParseDate(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
	if d := luoshi.ToDate(2020, 2).LastDay(); d != 20200229 {
		t.Errorf("the last day of February 2020 is %v", d)
	}
	if d := luoshi.YearOf(2020).LastDay(); d != 20201231 {
		t.Errorf("the last day of 2020 is %v", d)
	}
	if at, _ := luoshi.ParseAsOf("2020-07-31"); !at.Equal(time.Date(2020, 7, 31, 15, 59, 59, 999999000, time.UTC)) {
		t.Errorf("as of a day is %v", at)
	}
	if at, _ := luoshi.ParseAsOf("2020-07-31 09:00"); !at.Equal(time.Date(2020, 7, 31, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("as of nine o'clock is %v", at)
	}
}

func TestPresence(t *testing.T) {
	june := luoshi.MonthOf(2020, 6)
	for day, want := range map[luoshi.Date]luoshi.Presence{20200615: luoshi.NotDue, 20200630: luoshi.NotDue, 20200701: luoshi.Due, 20200710: luoshi.Due, 20200711: luoshi.Late, 20200720: luoshi.Late, 20200721: luoshi.Absent} {
		if got := luoshi.PresenceOf(june, 10, 10, day.Start()); got != want {
			t.Errorf("on %v: %s, want %s", day, got, want)
		}
	}
}
