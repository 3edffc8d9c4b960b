// Go's net/http in the comparison: the same load, the same lines on standard output as PeerMain.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/bits"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const subBits = 7
const sub = 1 << subBits

var counts [(40 - subBits + 2) * sub]uint32
var sum, errors, measuring, stopped int64
var firstError atomic.Value

func index(n uint64) int {
	shift := 63 - bits.LeadingZeros64(n|1) - subBits
	if shift < 0 {
		shift = 0
	}
	return shift*sub + int(n>>uint(shift))
}

func value(i int) float64 {
	if i < 2*sub {
		return float64(i)
	}
	shift := uint(i/sub - 1)
	return float64(uint64(i-int(shift)*sub)<<shift) + float64(uint64(1)<<shift)/2
}

func percentile(total uint64, share float64) float64 {
	rank := uint64(float64(total) * share)
	var seen uint64
	for i := range counts {
		seen += uint64(counts[i])
		if seen > 0 && seen >= rank {
			return value(i) / 1e3
		}
	}
	return 0
}

func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func resident() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Maxrss) / 1024
}

func fail(err error) {
	atomic.AddInt64(&errors, 1)
	firstError.CompareAndSwap(nil, err.Error())
	time.Sleep(time.Millisecond)
}

func get(client *http.Client, uri string) error {
	response, err := client.Get(uri)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return err
	}
	if response.StatusCode != 200 || len(body) != 64 {
		return fmt.Errorf("status %d, body %d", response.StatusCode, len(body))
	}
	return nil
}

func transfer(client *http.Client, uri, file string, upload bool, size int64) error {
	if !upload {
		response, err := client.Get(uri)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		n, err := io.Copy(io.Discard, response.Body)
		if err == nil && n != size {
			err = fmt.Errorf("got %d bytes of %d", n, size)
		}
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	request, err := http.NewRequest("PUT", uri, in)
	if err != nil {
		return err
	}
	request.ContentLength = size
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

func main() {
	uri := flag.String("uri", "", "")
	callers := flag.Int("callers", 64, "")
	warmup := flag.Int("warmup", 0, "")
	duration := flag.Int("duration", 0, "")
	scenario := flag.String("scenario", "get", "")
	file := flag.String("file", "", "")
	version := flag.Int("http", 1, "")
	flag.String("client", "", "")
	flag.String("warm-uri", "", "")
	count := flag.Int("count", 0, "")
	authority := flag.String("cacert", "", "")
	flag.Parse()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = *callers
	transport.MaxIdleConnsPerHost = *callers
	transport.MaxConnsPerHost = *callers
	transport.ForceAttemptHTTP2 = *version == 2
	if *authority != "" {
		pem, err := os.ReadFile(*authority)
		if err != nil {
			panic(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		// Without a cache Go resumes nothing.
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(64)}
	}
	client := &http.Client{Transport: transport}
	warm := time.Duration(*warmup) * time.Millisecond
	length := time.Duration(*duration) * time.Millisecond
	result := map[string]interface{}{}
	var used, seconds float64
	if *scenario == "batch" {
		var done sync.WaitGroup
		left := int64(*count)
		fmt.Println("MEASURE")
		cpu0, start := cpu(), time.Now()
		for i := 0; i < *callers; i++ {
			done.Add(1)
			go func() {
				defer done.Done()
				for atomic.AddInt64(&left, -1) >= 0 {
					if err := get(client, *uri); err != nil {
						fail(err)
					}
				}
			}()
		}
		done.Wait()
		fmt.Println("MEASURED")
		if text := firstError.Load(); text != nil {
			result["firstError"] = text
		}
		result["requests"] = int64(*count) - errors
		result["errors"] = errors
		result["seconds"] = time.Since(start).Seconds()
		result["cpuSeconds"] = cpu() - cpu0
		result["processCpuSeconds"] = cpu()
		json.NewEncoder(os.Stdout).Encode(result)
		return
	}
	if *scenario == "get" {
		if *version == 2 {
			get(client, *uri) // alone, so that its connection is there for all when they come
		}
		var done sync.WaitGroup
		for i := 0; i < *callers; i++ {
			done.Add(1)
			go func() {
				defer done.Done()
				for atomic.LoadInt64(&stopped) == 0 {
					start := time.Now()
					if err := get(client, *uri); err != nil {
						fail(err)
					} else if atomic.LoadInt64(&measuring) == 1 {
						n := time.Since(start).Nanoseconds()
						atomic.AddUint32(&counts[index(uint64(n))], 1)
						atomic.AddInt64(&sum, n)
					}
				}
			}()
		}
		time.Sleep(warm)
		before := atomic.LoadInt64(&errors)
		fmt.Println("MEASURE")
		cpu0, start := cpu(), time.Now()
		atomic.StoreInt64(&measuring, 1)
		time.Sleep(length)
		atomic.StoreInt64(&measuring, 0)
		used, seconds = cpu()-cpu0, time.Since(start).Seconds()
		fmt.Println("MEASURED")
		result["errors"] = atomic.LoadInt64(&errors) - before
		result["errorsInWarmup"] = before
		atomic.StoreInt64(&stopped, 1)
		done.Wait()
	} else {
		info, err := os.Stat(*file)
		if err != nil {
			panic(err)
		}
		repeat := func(time_ time.Duration, record bool) {
			begin := time.Now()
			for time.Since(begin) < time_ {
				start := time.Now()
				if err := transfer(client, *uri, *file, *scenario == "upload", info.Size()); err != nil {
					panic(err)
				}
				if record {
					n := time.Since(start).Nanoseconds()
					counts[index(uint64(n))]++
					sum += n
				}
			}
		}
		repeat(warm, false)
		fmt.Println("MEASURE")
		cpu0, start := cpu(), time.Now()
		repeat(length, true)
		used, seconds = cpu()-cpu0, time.Since(start).Seconds()
		fmt.Println("MEASURED")
	}
	var total uint64
	for i := range counts {
		total += uint64(counts[i])
	}
	each := float64(total)
	if total == 0 {
		each = 1
	}
	if text := firstError.Load(); text != nil {
		result["firstError"] = text
	}
	result["requests"] = total
	result["seconds"] = seconds
	result["cpuSeconds"] = used
	result["rps"] = float64(total) / seconds
	result["cpuMicros"] = used * 1e6 / each
	result["meanMicros"] = float64(sum) / each / 1e3
	result["p50Micros"] = percentile(total, 0.5)
	result["p90Micros"] = percentile(total, 0.9)
	result["p99Micros"] = percentile(total, 0.99)
	result["maxMicros"] = percentile(total, 1)
	result["residentPeakMiB"] = resident()
	json.NewEncoder(os.Stdout).Encode(result)
}
